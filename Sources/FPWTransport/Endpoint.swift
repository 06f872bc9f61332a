import CFPWCurl

/// Where the exchanges of a transfer go, and how the connection there is made.
package struct Endpoint: Sendable {
    package var url: String
    package var unixSocket: String?
    /// Certificates that the peer's chain must end in; nil: the system's.
    package var caFile: String?
    /// nil: what HTTPS_PROXY and NO_PROXY of the environment say; `""`: none.
    package var proxy: String?
    package var connectTimeout = Duration.seconds(5)
    /// Connections that were idle for longer are not used again.
    package var maxIdleAge: Duration?
    package var verifiesTLS = true
    /// HTTP/2 where TLS offers it. While one transfer of a connection is paused, libcurl 7.88 reads none of the others'.
    package var usesHTTP2 = false
    /// TCP notices within 25 s that the peer is gone, and does not take one that only does not read for that
    /// (PROTOCOL.md §4).
    package var detectsDeadPeer = false

    package init(url: String) { self.url = url }

    /// Calls with the C form, whose strings live as long as the call.
    func withCEndpoint<Result>(_ body: (UnsafePointer<fpw_endpoint>) -> Result) -> Result {
        unsafe url.withCString { url in
            unsafe withOptionalCString(unixSocket) { unixSocket in
                unsafe withOptionalCString(caFile) { caFile in
                    unsafe withOptionalCString(proxy) { proxy in
                        var endpoint = unsafe fpw_endpoint(
                            url: url, unix_socket: unixSocket, ca_file: caFile, proxy: proxy,
                            connect_timeout_ms: connectTimeout.milliseconds,
                            max_age_s: (maxIdleAge?.milliseconds ?? 0) / 1000,
                            verify_tls: verifiesTLS, http2: usesHTTP2, detect_dead_peer: detectsDeadPeer
                        )
                        return unsafe body(&endpoint)
                    }
                }
            }
        }
    }
}

private func withOptionalCString<Result>(_ string: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let string else { return body(nil) }
    return unsafe string.withCString { unsafe body($0) }
}
