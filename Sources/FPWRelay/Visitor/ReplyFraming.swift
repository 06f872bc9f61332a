import FPWProtocol

/// How a reply's body is framed for the visitor (RFC 9112 §6).
struct ReplyFraming: Equatable {
    let framing: BodyFraming
    /// The body goes to the visitor; false where there is none by the method or status, whatever the slot sends.
    let hasBody: Bool
    /// The end of the connection is the end of the body: an HTTP/1.0 visitor knows no chunks.
    let endsWithConnection: Bool

    /// - Parameter length: bytes of the reply's body; nil where it is not known beforehand.
    init(status: Int, method: Method, isHTTP10: Bool, length: Int?) {
        hasBody = !ReplyHead.hasNoBody(status: status, visitMethod: method)
        endsWithConnection = hasBody && length == nil && isHTTP10
        framing =
            switch length {
            case _ where !hasBody: .none
            case let length?: .length(length)
            case nil: isHTTP10 ? .none : .chunked
            }
    }
}
