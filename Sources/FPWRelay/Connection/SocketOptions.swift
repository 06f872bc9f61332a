import CFPWPeer
import FPWService
import Glibc
import NIOCore

/// What TCP has done with the bytes of a connection since it began.
struct CarriedBytes {
    /// Those that were sent again count again.
    var sent: Int
    var acknowledged: Int
}

/// What the relay asks of TCP beyond NIO's options.
enum SocketOptions {
    /// Lets the kernel find out that a silent peer is gone (PROTOCOL.md §4).
    static func noticeDeadPeer(_ channel: any Channel) {
        withDescriptor(of: channel) { fpw_peer_guard($0) }
    }

    /// Looks whether the peer is gone or only does not read. False: nothing is on its way to it.
    static func look(at peer: inout fpw_peer, _ channel: any Channel, at now: NIODeadline) -> Bool {
        withDescriptor(of: channel) { fpw_peer_look(&peer, $0, Int64(clamping: now.uptimeNanoseconds)) } ?? false
    }

    /// Lets the kernel probe at once a peer that has been silent for a second, or takes that back.
    static func probe(_ channel: any Channel, isEager: Bool) {
        withDescriptor(of: channel) {
            set($0, Int32(IPPROTO_TCP), TCP_KEEPIDLE, isEager ? 1 : CInt(FPW_PEER_QUIET_S))
        }
    }

    /// Lets the next close be a reset: what waits to be sent is thrown away and the peer sees an error.
    static func resetOnClose(_ channel: any Channel) {
        withDescriptor(of: channel) { descriptor in
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
    }

    /// Sends a last answer past the channel, which is not active yet and will be closed.
    static func send(_ answer: [UInt8], over channel: any Channel) {
        withDescriptor(of: channel) { Dismissal.send(answer, to: $0) }
    }

    /// Whether the connection has one of the last descriptors that there may be. libdispatch opens a file in /proc/ each
    /// second that it has work, and ends the process where it cannot.
    static func isAmongTheLast(_ channel: any Channel) -> Bool {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return false }
        return withDescriptor(of: channel) { rlim_t(clamping: $0) + 4 >= limit.rlim_cur } ?? false
    }

    /// What the kernel has sent and the peer acknowledged; nil where the kernel does not say.
    ///
    /// `tcpi_bytes_acked` and `tcpi_bytes_sent` (Linux 4.19) of linux/tcp.h, which glibc's `tcp_info` ends before; the
    /// kernel's layout only ever grows.
    static func carriedBytes(_ channel: any Channel) -> CarriedBytes? {
        guard let acknowledged = tcpInfo(channel, at: 120, as: UInt64.self),
            let sent = tcpInfo(channel, at: 200, as: UInt64.self)
        else { return nil }
        return CarriedBytes(sent: Int(clamping: sent), acknowledged: Int(clamping: acknowledged))
    }

    /// Keepalive probes that the peer has not answered (`tcpi_probes`); nil where the kernel does not say.
    static func unansweredProbes(_ channel: any Channel) -> Int? {
        tcpInfo(channel, at: 3, as: UInt8.self).map(Int.init)
    }

    private static func tcpInfo<Field: BitwiseCopyable>(
        _ channel: any Channel, at offset: Int, as type: Field.Type
    ) -> Field? {
        var info = [UInt8](repeating: 0, count: offset + MemoryLayout<Field>.size)
        var length = socklen_t(info.count)
        let isRead = withDescriptor(of: channel) { descriptor in
            getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &length) == 0 && length == info.count
        }
        guard isRead == true else { return nil }
        return info.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
    }

    private static func set(_ descriptor: CInt, _ level: CInt, _ name: CInt, _ value: CInt) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<CInt>.size))
    }

    /// Must be called on the channel's event loop; nil where the channel has no descriptor.
    private static func withDescriptor<Result>(of channel: any Channel, _ body: (CInt) -> Result) -> Result? {
        try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self, body)
    }
}
