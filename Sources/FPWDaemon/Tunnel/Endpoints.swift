import FPWConfig
import FPWProtocol
import FPWTransport

extension Endpoint {
    init(relayOf config: TunnelConfig) {
        self.init(url: config.relay.text)
        caFile = config.caFile
        proxy = config.proxy
        connectTimeout = config.connectTimeout
        usesHTTP2 = config.relay.isHTTPS
        detectsDeadPeer = true
    }

    init(upstreamOf config: TunnelConfig) {
        switch config.upstream.endpoint {
        case .http, .https:
            self.init(url: config.upstream.description + "/")
        case .unix(let path):
            self.init(url: "http://localhost/")
            unixSocket = path
        }
        caFile = config.upstreamCAFile
        verifiesTLS = config.upstreamVerify
        proxy = ""
        connectTimeout = config.connectTimeout
        // Services close idle connections after a few seconds; one that is about to be closed is not worth the risk.
        maxIdleAge = .seconds(3)
        usesHTTP2 = true
    }
}

extension ForwardingRules {
    init(_ config: TunnelConfig, loopID: String) {
        self.init(
            hostHeader: config.hostHeader, publicScheme: config.publicScheme, relayIsHTTPS: config.relay.isHTTPS,
            upstreamAuthority: config.upstream.authority, publicHost: config.host, loopID: loopID)
    }
}
