/// The URL of a relay: `http` or `https`, host, port, path.
package struct RelayURL: Sendable, Hashable {
    /// As it was written, normalised: scheme and host in lower case, no default port, always a path.
    package let text: String
    package let isHTTPS: Bool
    /// Without brackets, in lower case.
    package let host: String
    package let port: Int

    package init(text: String, isHTTPS: Bool, host: String, port: Int) {
        self.text = text
        self.isHTTPS = isHTTPS
        self.host = host
        self.port = port
    }

    package init(parsing text: String) throws(InvalidValue) {
        let url = try WebAddress(parsing: text, schemes: ["https", "http"])
        guard url.userInfo == nil else {
            throw InvalidValue("holds a user name; remove it, the token is all that a relay asks for", hidesValue: true)
        }
        guard !url.rest.contains("?"), !url.rest.contains("#") else {
            throw InvalidValue("has a query or fragment; write scheme, host and path only")
        }
        isHTTPS = url.scheme == "https"
        host = url.authority.host
        port = url.authority.port ?? (isHTTPS ? 443 : 80)
        let authority = Authority.text(host: host, port: port, defaultPort: isHTTPS ? 443 : 80)
        self.text = "\(url.scheme)://\(authority)\(url.rest.isEmpty ? "/" : url.rest)"
    }

    /// Where a host's relay is when nothing else is written: `https://<host>/` (PROTOCOL.md §1).
    package init(defaultFor host: String) {
        self.init(text: "https://\(host)/", isHTTPS: true, host: host, port: 443)
    }

    /// What is sent there does not leave this machine.
    package var isLoopback: Bool { isLoopbackHost(host) }
}

extension RelayURL: CustomStringConvertible {
    package var description: String { text }
}

/// `localhost` and names below it are loopback (RFC 6761 §6.3), as are 127.0.0.0/8 and ::1.
func isLoopbackHost(_ host: String) -> Bool {
    IPAddress(host)?.isLoopback ?? (host == "localhost" || host.hasSuffix(".localhost"))
}
