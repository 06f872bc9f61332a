import FPWConfig
import FPWProtocol

@testable import FPWDaemon

extension TunnelConfig {
    /// What quick mode makes of `fpwd 3000`.
    static func quick(
        host: String = "blog.28820.com", upstream: String = "http://127.0.0.1:3000",
        tokenSource: TokenSource = .publicDefault
    ) throws -> TunnelConfig {
        TunnelConfig(
            name: "quick", host: host, token: Token("a-token-of-the-tests-own"), tokenSource: tokenSource,
            upstream: try UpstreamAddress(parsing: upstream), relay: RelayURL(defaultFor: host))
    }
}
