import CFPWPeer
import NIOCore

/// Looks now and then at a slot that bytes are on their way to, so that one which only does not read is not taken for dead
/// (PROTOCOL.md §4).
struct PeerWatch {
    private static let interval = TimeAmount.seconds(Int64(FPW_PEER_LOOK_S))

    private var peer = fpw_peer()
    private var isSending = false
    private var written = 0
    private var lookedAt = NIODeadline.uptimeNanoseconds(0)

    /// - Parameter written: all bytes ever written to the connection.
    mutating func tick(_ channel: any Channel, written: Int, at now: NIODeadline) {
        guard isSending || written != self.written, lookedAt + Self.interval <= now else { return }
        isSending = SocketOptions.look(at: &peer, channel, at: now)
        (self.written, lookedAt) = (written, now)
    }
}
