import FPWConfig
import FPWProtocol
import FPWTransport

extension Endpoint {
    init(relayOf config: TunnelConfig) {
        self.init(url: config.relay.text)
        caFile = config.caFile
        // Of the environment only HTTPS_PROXY counts, as documented: a plain relay is on loopback or asked for by name.
        proxy = config.relay.isHTTPS ? config.proxy : config.proxy ?? ""
        connectTimeout = config.connectTimeout
        usesHTTP2 = config.usesHTTP2 && config.relay.isHTTPS
        detectsDeadPeer = true
    }

    init(upstream: UpstreamAddress, of config: TunnelConfig) {
        self.init(url: upstream.baseURL + "/")
        unixSocket = upstream.unixPath
        caFile = config.upstreamCAFile
        verifiesTLS = config.upstreamVerify
        proxy = ""
        connectTimeout = config.connectTimeout
        // Services close idle connections after a few seconds; one that is about to be closed is not worth the risk.
        maxIdleAge = .seconds(3)
    }
}

extension ForwardingRules {
    init(_ config: TunnelConfig, authority: String, loopID: String) {
        self.init(
            hostHeader: config.hostHeader, publicScheme: config.publicScheme, relayIsHTTPS: config.relay.isHTTPS,
            upstreamAuthority: authority, publicHost: config.host, loopID: loopID)
    }
}
