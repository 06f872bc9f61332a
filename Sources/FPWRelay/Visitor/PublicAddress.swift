import FPWProtocol

/// How visitors reach this relay: by what scheme, at what port (PROTOCOL.md §3, §4).
struct PublicAddress: Sendable {
    /// The `public_scheme` key.
    let configuredScheme: String?
    let ports: VisitorPorts

    /// What a visitor typed: the key, else what a trusted proxy says, else what the listener speaks.
    func scheme(of request: HeaderFields, isProxied: Bool, isSecure: Bool) -> String {
        configuredScheme ?? proxyScheme(request, isProxied) ?? (isSecure ? "https" : "http")
    }

    /// The URL of a host, as told to its slots; by TLS where there is a listener with it.
    ///
    /// Behind a proxy, or where the key says that there is one, the listener's own port is not the visitors'.
    func url(of host: String, request: HeaderFields, isProxied: Bool) -> String {
        if let scheme = configuredScheme ?? proxyScheme(request, isProxied) { return "\(scheme)://\(host)/" }
        if let port = ports.secure { return port == 443 ? "https://\(host)/" : "https://\(host):\(port)/" }
        return ports.clear == 80 ? "http://\(host)/" : "http://\(host):\(ports.clear)/"
    }

    private func proxyScheme(_ request: HeaderFields, _ isProxied: Bool) -> String? {
        guard isProxied, let claim = request.first("x-forwarded-proto") else { return nil }
        return ["https", "http"].first { claim.equalsIgnoringASCIICase($0) }
    }
}

/// The ports of the visitors' listeners, as bound.
struct VisitorPorts: Sendable {
    let clear: Int
    /// Nil where no listener has TLS.
    var secure: Int?
}
