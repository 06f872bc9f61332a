import FPWProtocol

/// How visitors reach this relay: by what scheme, at what port (PROTOCOL.md §3, §4).
struct PublicAddress: Sendable {
    /// The `public_scheme` key.
    let configuredScheme: String?
    /// The port that the visitors' listener has.
    let port: Int

    /// What a visitor typed: the key, else what a trusted proxy says, else what this listener speaks.
    func scheme(of request: HeaderFields, isProxied: Bool) -> String {
        configuredScheme ?? proxyScheme(request, isProxied) ?? "http"
    }

    /// The URL of a host, as told to its slots.
    ///
    /// Behind a proxy, or where the key says that there is one, the listener's own port is not the visitors'.
    func url(of host: String, request: HeaderFields, isProxied: Bool) -> String {
        if let scheme = configuredScheme ?? proxyScheme(request, isProxied) { return "\(scheme)://\(host)/" }
        return port == 80 ? "http://\(host)/" : "http://\(host):\(port)/"
    }

    private func proxyScheme(_ request: HeaderFields, _ isProxied: Bool) -> String? {
        guard isProxied, let claim = request.first("x-forwarded-proto") else { return nil }
        return ["https", "http"].first { claim.equalsIgnoringASCIICase($0) }
    }
}
