/// The local service: `http://host:port`, `https://…` or `unix:/path.sock`; no path, query or user.
package struct UpstreamAddress: Sendable, Hashable {
    package enum Endpoint: Sendable, Hashable {
        case http(host: String, port: Int)
        case https(host: String, port: Int)
        case unix(path: String)
    }

    package let endpoint: Endpoint

    package init(_ endpoint: Endpoint) { self.endpoint = endpoint }

    /// Reads the form that configurations use.
    package init(parsing text: String) throws(InvalidValue) {
        if text.hasPrefix("unix:") {
            endpoint = .unix(path: try UnixPath.parse(text.dropFirst(5)))
            return
        }
        guard text.contains("://") else {
            throw InvalidValue("has no scheme; write \"http://127.0.0.1:8080\" or \"unix:/run/app.sock\"")
        }
        let url = try WebAddress(parsing: text, schemes: ["http", "https"])
        guard url.userInfo == nil else { throw InvalidValue("holds a user name; remove it", hidesValue: true) }
        guard url.rest.isEmpty || url.rest == "/" else {
            throw InvalidValue("goes on behind the host; remove \(quoted(url.rest)): visitors' paths pass unchanged")
        }
        let host = url.authority.host
        endpoint =
            url.scheme == "https"
            ? .https(host: host, port: url.authority.port ?? 443) : .http(host: host, port: url.authority.port ?? 80)
    }

    /// Reads the short forms of the command line too: `3000`, `localhost:3000`.
    package init(abbreviated text: String) throws(InvalidValue) {
        if text.hasPrefix("unix:") || text.contains("://") {
            self = try UpstreamAddress(parsing: text)
        } else if !text.isEmpty, text.allSatisfy({ "0123456789".contains($0) }) {
            self = try UpstreamAddress(parsing: "http://127.0.0.1:\(text)")
        } else {
            self = try UpstreamAddress(parsing: "http://\(text)")
        }
    }

    /// What a `Host` field says; `localhost` for a unix socket.
    package var authority: String {
        switch endpoint {
        case .http(let host, let port): Authority.text(host: host, port: port, defaultPort: 80)
        case .https(let host, let port): Authority.text(host: host, port: port, defaultPort: 443)
        case .unix: "localhost"
        }
    }

    /// Scheme and authority, to which a request's target is appended; a unix socket is named by `unixPath`.
    package var baseURL: String { "\(isHTTPS ? "https" : "http")://\(authority)" }

    package var isHTTPS: Bool { if case .https = endpoint { true } else { false } }
    package var unixPath: String? { if case .unix(let path) = endpoint { path } else { nil } }
}

extension UpstreamAddress: CustomStringConvertible {
    /// As a configuration writes it.
    package var description: String { unixPath.map { "unix:\($0)" } ?? baseURL }
}

/// The path of a unix socket.
enum UnixPath {
    /// `sockaddr_un.sun_path` has 108 bytes, the last of them NUL (unix(7)).
    private static let limit = 107

    static func parse(_ path: some StringProtocol) throws(InvalidValue) -> String {
        guard path.hasPrefix("/"), !path.utf8.contains(0) else {
            throw InvalidValue("has no absolute path; write \"unix:/run/app.sock\"")
        }
        guard path.utf8.count <= limit else { throw InvalidValue("has a path longer than \(limit) bytes") }
        return String(path)
    }
}
