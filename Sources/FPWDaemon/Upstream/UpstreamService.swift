import FPWConfig
import FPWProtocol
import FPWTransport

/// A local service as a tunnel asks it: where it is, and how visits are shown to it.
final class UpstreamService: Sendable {
    let address: UpstreamAddress
    let endpoint: Endpoint
    let forwarding: ForwardingRules

    init(_ address: UpstreamAddress, of config: TunnelConfig, loopID: String) {
        self.address = address
        endpoint = Endpoint(upstream: address, of: config)
        forwarding = ForwardingRules(config, authority: address.authority, loopID: loopID)
    }
}
