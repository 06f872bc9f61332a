import FPWProtocol

/// A request line, taken apart (RFC 9112 §3).
struct RequestLine {
    let method: Method
    let target: [UInt8]
    let isHTTP10: Bool
    /// The authority of an absolute form.
    let authority: [UInt8]?

    /// Reads a line without its end; it must not hold control characters.
    init(_ line: Span<UInt8>) throws(RequestError) {
        let methodEnd = line.end(while: Syntax.isTokenCharacter)
        guard methodEnd > 0, methodEnd < line.count, line[methodEnd] == UInt8(ascii: " "),
            let method = Self.method(line.extracting(..<methodEnd))
        else { throw RequestError(status: 400, reason: "malformed request line") }
        let targetEnd = line.end(from: methodEnd + 1) { $0 != UInt8(ascii: " ") }
        guard targetEnd > methodEnd + 1, targetEnd < line.count else {
            throw RequestError(status: 400, reason: "malformed request line")
        }
        self.method = method
        isHTTP10 = try Self.isVersion10(line.extracting((targetEnd + 1)...))
        (target, authority) = try Self.split(line.extracting((methodEnd + 1)..<targetEnd), method)
    }

    private static func method(_ name: Span<UInt8>) -> Method? {
        if name.isEqual("GET") { return .get }
        if name.isEqual("POST") { return .post }
        return name.withUnsafeBufferPointer { Method($0) }
    }

    /// A higher minor version is spoken as 1.1 (RFC 9110 §2.5).
    private static func isVersion10(_ version: Span<UInt8>) throws(RequestError) -> Bool {
        guard version.count == 8, version.hasPrefix("HTTP/"), version[6] == UInt8(ascii: "."),
            Syntax.isDigit(version[5]), Syntax.isDigit(version[7])
        else { throw RequestError(status: 400, reason: "malformed request line") }
        guard version[5] == UInt8(ascii: "1") else {
            throw RequestError(status: 505, reason: "only HTTP/1 is spoken here")
        }
        return version[7] == UInt8(ascii: "0")
    }
}

extension RequestLine {
    /// The target of each form that RFC 9112 §3.2 allows with this method, and the authority of an absolute one.
    private static func split(
        _ target: Span<UInt8>, _ method: Method
    ) throws(RequestError) -> (target: [UInt8], authority: [UInt8]?) {
        guard target.end(while: Syntax.isTargetCharacter) == target.count else { throw malformedTarget }
        if method == .connect {
            guard let authority = Authority(target), authority.hasPort else { throw malformedTarget }
            return (Array(target), nil)
        }
        if target[0] == UInt8(ascii: "/") { return (Array(target), nil) }
        if target.count == 1 && target[0] == UInt8(ascii: "*") && method == .options { return (Array(target), nil) }
        return try splitAbsolute(target, method)
    }

    private static func splitAbsolute(
        _ target: Span<UInt8>, _ method: Method
    ) throws(RequestError) -> (target: [UInt8], authority: [UInt8]?) {
        let start = try schemeLength(target)
        let end = target.end(from: start) { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        let authority = Array(target.extracting(start..<end))
        let rest = Array(target.extracting(end...))
        switch rest.first {
        case UInt8(ascii: "/"): return (rest, authority)
        case nil where method == .options: return (Array("*".utf8), authority)
        case _: return (Array("/".utf8) + rest, authority)
        }
    }

    /// The length of `http://` or `https://`.
    private static func schemeLength(_ target: Span<UInt8>) throws(RequestError) -> Int {
        if target.hasPrefixIgnoringCase("http://") { return 7 }
        if target.hasPrefixIgnoringCase("https://") { return 8 }
        throw malformedTarget
    }

    private static var malformedTarget: RequestError { RequestError(status: 400, reason: "malformed request target") }
}
