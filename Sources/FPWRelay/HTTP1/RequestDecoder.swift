package import NIOCore

/// Reads HTTP/1 requests strictly by RFC 9112 from the bytes of one connection.
///
/// A connection's handler owns one, feeds it what arrives and takes parts until there is none. To read one request at a
/// time it simply takes nothing after `.end` until it has answered: what is pipelined behind waits as bytes. After an
/// error every further call throws the same error.
package struct RequestDecoder {
    package init(limits: RequestLimits = RequestLimits()) {
        self.limits = limits
    }

    private let limits: RequestLimits

    /// Appends what has arrived.
    package mutating func feed(_ bytes: ByteBuffer) {}

    /// The next part, or nil where more bytes are needed.
    package mutating func next() throws(RequestError) -> RequestPart? { nil }

    /// Whether no byte of a request has been seen since the last `.end`: a connection may be closed here without loss.
    package var isBetweenRequests: Bool { true }
}
