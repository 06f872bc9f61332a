/// Where a listener binds.
package enum ListenAddress: Sendable, Hashable {
    /// An address, or `localhost`; `::` takes IPv4 too. Port 0 is any free one.
    case tcp(host: String, port: Int)
    case unix(path: String)

    /// Reads `127.0.0.1:80`, `[::1]:80`, `localhost:80`, `unix:/path`; `*:80` and `:80` are every address.
    package init(parsing text: String) throws(InvalidValue) {
        if text.hasPrefix("unix:") {
            self = .unix(path: try UnixPath.parse(text.dropFirst(5)))
            return
        }
        guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else {
            throw InvalidValue("has no port; write \"127.0.0.1:8080\"")
        }
        let digits = text[text.index(after: colon)...]
        guard digits.allSatisfy({ "0123456789".contains($0) }), let port = Int(digits), port <= 65535 else {
            throw InvalidValue("has a port outside 0…65535")
        }
        self = .tcp(host: try Self.host(String(text[..<colon])), port: port)
    }

    private static func host(_ text: String) throws(InvalidValue) -> String {
        if text.isEmpty || text == "*" { return "::" }
        if text.lowercased() == "localhost" { return "localhost" }
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        let address = IPAddress(isBracketed ? String(text.dropFirst().dropLast()) : text)
        guard let address, isBracketed == text.contains(":") else {
            throw InvalidValue("holds no address; write \"127.0.0.1:8080\", \"[::1]:8080\" or \"*:8080\"")
        }
        return address.description
    }

    /// Nobody outside this machine reaches it.
    package var isLoopback: Bool {
        switch self {
        case .tcp(let host, _): isLoopbackHost(host)
        case .unix: true
        }
    }
}

extension ListenAddress: CustomStringConvertible {
    /// As a configuration writes it.
    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
