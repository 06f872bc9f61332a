import NIOCore

/// Asks a silent peer whether it is there, by the kernel's keepalive.
struct PeerProbe {
    let channel: any Channel
    let set: (any Channel, Bool) -> Void
    let unanswered: (any Channel) -> Int?

    func begin() { set(channel, true) }

    /// The kernel asks again as seldom as before. Returns whether the peer has left a probe unanswered.
    func end() -> Bool {
        defer { set(channel, false) }
        return unanswered(channel).map { $0 > 0 } ?? false
    }
}
