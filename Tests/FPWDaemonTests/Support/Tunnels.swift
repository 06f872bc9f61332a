import FPWConfig
import FPWProtocol

extension TunnelConfig {
    static func sample(
        upstream: String = "http://127.0.0.1:8080", relay: String = "https://relay.example/",
        tokenSource: TokenSource = .inline
    ) throws -> TunnelConfig {
        TunnelConfig(
            name: "blog", host: "blog.example", token: Token("a-token-of-the-tests-own"), tokenSource: tokenSource,
            upstream: try UpstreamAddress(parsing: upstream), relay: try RelayURL(parsing: relay))
    }
}
