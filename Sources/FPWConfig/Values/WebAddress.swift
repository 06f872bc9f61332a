/// Host and port of a URL: a name, an IPv4 address or a bracketed IPv6 address (RFC 3986 §3.2).
struct Authority: Equatable {
    /// In lower case, without brackets.
    let host: String
    let port: Int?

    /// Reads `host`, `host:port`, `[::1]:port`.
    init(parsing text: some StringProtocol) throws(InvalidValue) {
        let isBracketed = text.hasPrefix("[")
        let end = isBracketed ? text.firstIndex(of: "]").map { text.index(after: $0) } : text.firstIndex(of: ":")
        let written = String(text[..<(end ?? text.endIndex)]).lowercased()
        host = isBracketed ? String(written.dropFirst().dropLast()) : written
        guard isBracketed ? written.hasSuffix("]") && Self.isIPv6(host) : Self.isNameOrIPv4(host) else {
            throw InvalidValue("holds no valid host; write a name, 10.0.0.5 or [::1]")
        }
        port = try end.flatMap { (end) throws(InvalidValue) in try Self.port(text[end...]) }
    }

    private static func port(_ text: some StringProtocol) throws(InvalidValue) -> Int? {
        if text.isEmpty { return nil }
        let digits = text.dropFirst()
        guard text.first == ":", digits.allSatisfy({ "0123456789".contains($0) }), let port = Int(digits),
            (1...65535).contains(port)
        else { throw InvalidValue("has a port outside 1…65535") }
        return port
    }

    private static func isIPv6(_ host: String) -> Bool { host.contains(":") && IPAddress(host) != nil }

    /// A last label of digits makes resolvers read odd forms of an IPv4 address, `127.1`: only the plain form passes.
    private static func isNameOrIPv4(_ host: String) -> Bool {
        guard HostSyntax.isName(host, allowingUnderscore: true) else { return false }
        let last = host.split(separator: ".").last ?? ""
        return last.first.map { "0123456789".contains($0) } != true || IPAddress(host) != nil
    }

    /// As a URL or a `Host` field writes it, the port left out where it is the scheme's own.
    static func text(host: String, port: Int, defaultPort: Int) -> String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == defaultPort ? name : "\(name):\(port)"
    }
}

/// A URL taken apart: `scheme://authority/rest`.
struct WebAddress: Equatable {
    /// In lower case.
    let scheme: String
    /// As written: `user:password`.
    let userInfo: String?
    let authority: Authority
    /// The path, query and fragment; empty, or beginning with `/`, `?` or `#`.
    let rest: String

    init(parsing text: String, schemes: [String]) throws(InvalidValue) {
        let mayHoldSecret = text.contains("@")
        do throws(InvalidValue) {
            guard let colon = text.firstRange(of: "://"), schemes.contains(text[..<colon.lowerBound].lowercased())
            else {
                throw InvalidValue("does not begin with \(schemes.map { "\($0)://" }.joined(separator: " or "))")
            }
            guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw InvalidValue("holds a character that a URL must escape; write it as %XX")
            }
            scheme = text[..<colon.lowerBound].lowercased()
            let tail = text[colon.upperBound...]
            let authorityEnd = tail.firstIndex { "/?#".contains($0) } ?? tail.endIndex
            let at = tail[..<authorityEnd].lastIndex(of: "@")
            userInfo = at.map { String(tail[..<$0]) }
            authority = try Authority(parsing: tail[(at.map(tail.index(after:)) ?? tail.startIndex)..<authorityEnd])
            rest = String(tail[authorityEnd...])
        } catch {
            throw InvalidValue(error.reason, hidesValue: mayHoldSecret)
        }
    }
}
