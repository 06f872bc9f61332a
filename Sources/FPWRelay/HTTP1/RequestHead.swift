package import FPWProtocol
package import NIOCore

/// A request's line and fields, checked by RFC 9112.
package struct RequestHead: Equatable, Sendable {
    package var method: Method
    /// The target's bytes: path and query as they were sent, `*` for `OPTIONS *`, `host:port` for CONNECT.
    ///
    /// Of an absolute form only path and query are left: its authority is in `host` and has replaced the Host field
    /// (RFC 9112 §3.2.2).
    package var target: [UInt8]
    package var isHTTP10: Bool
    /// The fields in order, byte for byte; values without the white space around them.
    package var headers: HeaderFields
    package var framing: BodyFraming
    /// Whether the client lets another request follow on this connection. HTTP/1.0's keep-alive is not offered.
    package var keepAlive: Bool
    /// Whether the client waits for a 100 before it sends its body.
    package var expectsContinue: Bool
    /// The name to route by; nil where an HTTP/1.0 request has none.
    package var host: HostName?
}

/// How long a message's body is (RFC 9112 §6).
package enum BodyFraming: Hashable, Sendable {
    case none
    case length(Int)
    case chunked
}

/// What a request is made of, in this order: a head, any number of body parts, an end.
package enum RequestPart: Equatable, Sendable {
    case head(RequestHead)
    /// Never empty; shares the memory of the bytes that were fed.
    case body(ByteBuffer)
    case end
}

/// What a request's head may take.
package struct RequestLimits: Hashable, Sendable {
    /// Bytes of the request line; a longer one is 414.
    package var requestLine = 16 << 10
    /// Bytes of all field lines together, those of the trailers counted apart; more is 431.
    package var headerBytes = 128 << 10
    /// Fields, trailers counted apart; more is 431.
    package var fields = 256

    package init() {}
}

/// A request that breaks RFC 9112 or the limits.
///
/// Where the next request begins is unknown: answer with `status` and close the connection.
package struct RequestError: Error, Hashable, Sendable {
    /// 400, 414, 431, 501 or 505.
    package let status: Int
    /// A few words for the answer's body and the log; never holds bytes of the peer.
    package let reason: String
}
