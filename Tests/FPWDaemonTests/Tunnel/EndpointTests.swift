import FPWConfig
import FPWTransport
import Testing

@testable import FPWDaemon

@Suite("Where a tunnel's exchanges go")
struct EndpointTests {
    @Test(
        "the upstream's endpoint: never a proxy, never HTTP/2, no connection that was idle for long",
        arguments: [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/", nil),
            ("http://[::1]:80", "http://[::1]/", nil),
            ("https://10.0.0.5", "https://10.0.0.5/", nil),
            ("unix:/run/app.sock", "http://localhost/", "/run/app.sock"),
        ])
    func upstream(upstream: String, url: String, unixSocket: String?) throws {
        var config = try TunnelConfig.sample(upstream: upstream)
        config.proxy = "http://proxy.example:3128"
        config.caFile = "/etc/relay-ca.pem"
        config.upstreamCAFile = "/etc/ca.pem"
        config.upstreamVerify = false
        config.connectTimeout = .seconds(7)
        config.usesHTTP2 = true
        let endpoint = Endpoint(upstream: config.upstream, of: config)
        #expect(endpoint.url == url)
        #expect(endpoint.unixSocket == unixSocket)
        #expect(endpoint.proxy == "")
        #expect(endpoint.caFile == "/etc/ca.pem")
        #expect(!endpoint.verifiesTLS)
        #expect(endpoint.connectTimeout == .seconds(7))
        #expect(endpoint.maxIdleAge == .seconds(3))
        #expect(!endpoint.usesHTTP2)
        #expect(!endpoint.detectsDeadPeer)
    }

    @Test(
        "the relay's endpoint: always verified, a dead peer is noticed, the environment's proxy for https alone",
        arguments: [
            ("https://relay.example/a", nil, nil, true),
            ("https://relay.example/a", "socks5://p:1", "socks5://p:1", true),
            ("https://relay.example/a", "", "", true), ("http://127.0.0.1:1/", nil, "", false),
            ("http://127.0.0.1:1/", "http://p:1", "http://p:1", false),
        ])
    func relay(relay: String, configured: String?, proxy: String?, http2: Bool) throws {
        var config = try TunnelConfig.sample(relay: relay)
        config.proxy = configured
        config.caFile = "/etc/relay-ca.pem"
        config.upstreamVerify = false
        #expect(!Endpoint(relayOf: config).usesHTTP2)
        config.usesHTTP2 = true
        let endpoint = Endpoint(relayOf: config)
        #expect(endpoint.url == relay)
        #expect(endpoint.unixSocket == nil)
        #expect(endpoint.proxy == proxy)
        #expect(endpoint.caFile == "/etc/relay-ca.pem")
        #expect(endpoint.verifiesTLS)
        #expect(endpoint.usesHTTP2 == http2)
        #expect(endpoint.detectsDeadPeer)
        #expect(endpoint.maxIdleAge == nil)
    }
}
