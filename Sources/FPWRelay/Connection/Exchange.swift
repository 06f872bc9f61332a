import NIOCore

/// One request on a connection, and its answer. All calls come on the connection's event loop.
///
/// An exchange is over when it has called the connection's `answerEnded`; nothing is called after that, except
/// `connectionClosed` and `tick` on the slots' POSTs that still watch the connection.
protocol Exchange: AnyObject {
    /// A part of the request's body has come.
    func received(_ body: ByteBuffer)
    /// The request is complete.
    func requestEnded()
    /// All bytes at hand have been passed on, and the request is not complete.
    func burstEnded()
    /// The rest of the request is not valid HTTP; the connection must be closed after the answer.
    func requestBroke(_ error: RequestError)
    /// Whether more of the request's body may be read now.
    var wantsBody: Bool { get }
    /// The connection takes more of the answer.
    func becameWritable()
    /// The connection is gone before the answer was complete.
    func connectionClosed(_ ending: ConnectionEnding)
    /// About a second has passed.
    func tick(at now: NIODeadline)
}

/// How a connection ended, as far as it tells what the peer has got.
struct ConnectionEnding: Equatable {
    /// Reset or timed out, not closed by the peer.
    var isFailure: Bool
    /// What became of the bytes that were written since `Output.markWritten()`; nil: not known.
    var receipt: Receipt?

    /// As far as a visit is concerned that the peer has got.
    static let seen = ConnectionEnding(isFailure: true, receipt: .acknowledged)
}

/// How far bytes have come, as far as the kernel knows.
enum Receipt {
    /// None has left this machine.
    case unsent
    case unacknowledged
    /// The peer's kernel has acknowledged some.
    case acknowledged
}
