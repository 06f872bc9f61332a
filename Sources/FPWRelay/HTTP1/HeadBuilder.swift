import FPWProtocol

/// Collects a request's head line by line and says what the fields mean for the connection (RFC 9112 §3, §5, §6, §9).
struct HeadBuilder {
    private let line: RequestLine
    private var headers = HeaderFields()
    private var host: HostName?
    private var hasHostField = false
    private var contentLength: Int?
    private var hasTransferEncoding = false
    private var isChunked = false
    private var asksToClose = false
    private var expectsContinue = false

    init(_ line: RequestLine, expectedBytes: Int) throws(RequestError) {
        self.line = line
        headers.reserveCapacity(bytes: expectedBytes, fields: 16)
        if let authority = line.authority {
            host = try Self.routingName(authority.span)
            headers.append(name: "Host", value: authority)
        }
    }

    /// Adds a field line without its end; it must not hold control characters but HTAB.
    mutating func add(_ text: Span<UInt8>) throws(RequestError) {
        let field = try FieldLine(text)
        let (name, value) = (text.extracting(field.name), text.extracting(field.value))
        if try !note(name, value) { return }
        headers.append(name: name, value: value)
    }

    /// Looks at the fields that steer the connection; false for a field that is not to be kept.
    private mutating func note(_ name: Span<UInt8>, _ value: Span<UInt8>) throws(RequestError) -> Bool {
        switch name.count {
        case 4 where name.isEqualIgnoringCase("host"): return try noteHost(value)
        case 6 where name.isEqualIgnoringCase("expect"): noteExpect(value)
        case 10 where name.isEqualIgnoringCase("connection"): noteConnection(value)
        case 14 where name.isEqualIgnoringCase("content-length"): try noteContentLength(value)
        case 17 where name.isEqualIgnoringCase("transfer-encoding"): noteTransferEncoding(value)
        default: break
        }
        return true
    }
}

extension HeadBuilder {
    private mutating func noteHost(_ value: Span<UInt8>) throws(RequestError) -> Bool {
        if hasHostField { throw RequestError(status: 400, reason: "more than one Host field") }
        hasHostField = true
        let name = try Self.routingName(value)
        // An absolute form's authority stands in its place (RFC 9112 §3.2.2).
        guard line.authority == nil else { return false }
        host = name
        return true
    }

    private static func routingName(_ authority: Span<UInt8>) throws(RequestError) -> HostName {
        guard let authority = Authority(authority) else { throw RequestError(status: 400, reason: "malformed Host") }
        return authority.name
    }

    private mutating func noteContentLength(_ value: Span<UInt8>) throws(RequestError) {
        if contentLength != nil { throw RequestError(status: 400, reason: "more than one Content-Length") }
        guard let length = value.decimalValue else {
            throw RequestError(status: 400, reason: "malformed Content-Length")
        }
        contentLength = length
    }

    private mutating func noteTransferEncoding(_ value: Span<UInt8>) {
        isChunked = !hasTransferEncoding && value.isEqualIgnoringCase("chunked")
        hasTransferEncoding = true
    }

    private mutating func noteConnection(_ value: Span<UInt8>) {
        if value.hasListMember("close") { asksToClose = true }
    }

    private mutating func noteExpect(_ value: Span<UInt8>) {
        if value.hasListMember("100-continue") { expectsContinue = true }
    }
}

extension HeadBuilder {
    /// The whole head, once the empty line has come.
    consuming func finish() throws(RequestError) -> RequestHead {
        if !line.isHTTP10 && !hasHostField { throw RequestError(status: 400, reason: "no Host field") }
        let framing = try framing()
        let hasBody = framing != .none && framing != .length(0)
        return RequestHead(
            method: line.method, target: line.target, isHTTP10: line.isHTTP10, headers: headers, framing: framing,
            keepAlive: !line.isHTTP10 && !asksToClose, expectsContinue: expectsContinue && hasBody && !line.isHTTP10,
            host: host
        )
    }

    /// RFC 9112 §6.3, refusing whatever another reader of the same bytes might understand differently.
    private func framing() throws(RequestError) -> BodyFraming {
        guard hasTransferEncoding else { return contentLength.map { .length($0) } ?? .none }
        if line.isHTTP10 { throw RequestError(status: 400, reason: "Transfer-Encoding in HTTP/1.0") }
        if contentLength != nil {
            throw RequestError(status: 400, reason: "Content-Length beside Transfer-Encoding")
        }
        if !isChunked { throw RequestError(status: 501, reason: "a transfer coding other than chunked") }
        return .chunked
    }
}
