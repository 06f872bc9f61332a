import FPWProtocol

extension ValueType<String> {
    static var hostName: ValueType {
        ValueType(string: "a full host name", parse: HostSyntax.fullName, write: \.self)
    }

    /// A file's absolute path.
    static var path: ValueType {
        ValueType(string: "an absolute path", parse: absolutePath, write: \.self)
    }

    /// A proxy's URL, or "" for none. It may hold a user and password, which are never written again.
    static var proxy: ValueType {
        let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]
        return ValueType(string: "a proxy's URL, or \"\" for none") { (text) throws(InvalidValue) in
            guard !text.isEmpty else { return text }
            let url = try WebAddress(parsing: text, schemes: schemes)
            guard url.rest.isEmpty || url.rest == "/" else {
                throw InvalidValue("goes on behind the host; write scheme, host and port", hidesValue: true)
            }
            return text
        } write: { text in
            guard let at = text.lastIndex(of: "@"), let scheme = text.firstRange(of: "://") else { return text }
            return text[..<scheme.upperBound] + "<redacted>" + text[at...]
        }
    }
}

/// Relative paths would depend on where the program was started.
@Sendable func absolutePath(_ text: String) throws(InvalidValue) -> String {
    guard text.hasPrefix("/"), !text.utf8.contains(0) else {
        throw InvalidValue("is no absolute path; begin it with '/'")
    }
    return text
}

extension ValueType<ListenAddress> {
    static var tcpListener: ValueType {
        ValueType(string: "an address and port") { (text) throws(InvalidValue) in
            let address = try ListenAddress(parsing: text)
            if case .unix = address { throw InvalidValue("is a unix socket; write an address and port") }
            return address
        } write: {
            $0.description
        }
    }

    static var listener: ValueType {
        ValueType(string: "an address and port, or \"unix:/path\"", parse: ListenAddress.init(parsing:)) {
            $0.description
        }
    }
}

extension ValueType<UpstreamAddress> {
    static var upstream: ValueType {
        ValueType(string: "a URL without path, or \"unix:/path\"", parse: UpstreamAddress.init(parsing:)) {
            $0.description
        }
    }
}

extension ValueType<RequestTarget> {
    /// A path with or without a query, as a request line has it.
    static var target: ValueType {
        ValueType(string: "a path that begins with '/'") { (text) throws(InvalidValue) in
            do throws(VisitRefusal) {
                return try RequestTarget(Array(text.utf8), method: .get)
            } catch {
                throw InvalidValue("is no path; begin it with '/' and write blanks and other signs as %XX")
            }
        } write: {
            $0.description
        }
    }
}

extension ValueType<RelayURL> {
    static var relayURL: ValueType {
        ValueType(string: "an https:// or http:// URL", parse: RelayURL.init(parsing:)) { $0.description }
    }
}

extension ValueType<AddressRange> {
    static var addressRange: ValueType {
        ValueType(string: "an address or network", parse: AddressRange.init(parsing:)) { $0.description }
    }
}

extension ValueType<HostHeader> {
    static var hostHeader: ValueType {
        ValueType(string: "\"keep\", \"upstream\", or a name") { (text) throws(InvalidValue) in
            switch text {
            case "keep": return .keep
            case "upstream": return .upstream
            default:
                let authority = try Authority(parsing: text)
                let host = authority.host.contains(":") ? "[\(authority.host)]" : authority.host
                return .name(authority.port.map { "\(host):\($0)" } ?? host)
            }
        } write: { header in
            switch header {
            case .keep: "keep"
            case .upstream: "upstream"
            case .name(let name): name
            }
        }
    }
}
