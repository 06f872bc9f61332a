import NIOCore

/// How far a connection is on its way to its end.
enum Closing: Equatable {
    case no
    /// After what was written, which is still on its way into the socket.
    case flushing(until: NIODeadline)
    /// What still arrives is thrown away, lest the peer gets a reset before our answer.
    case lingering(until: NIODeadline)
    case closed

    /// How long what a peer still sends after its answer is thrown away.
    static let lingerTime = TimeAmount.seconds(5)
}
