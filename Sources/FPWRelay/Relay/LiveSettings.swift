import FPWConfig
import NIOCore

/// The settings that a reload may change. A request keeps those with which it began.
final class LiveSettings: Sendable {
    let publicAddress: PublicAddress
    let trustedProxies: [AddressRange]
    let maxBody: Int?
    /// Bytes in a second.
    let minUploadRate: Int?
    let idleTimeout: TimeAmount
    /// How long a slot's connection may be silent: it may wait for a reply.
    let slotIdleTime: TimeAmount
    let drainTimeout: TimeAmount

    init(_ settings: RelaySettings, _ ports: VisitorPorts) {
        publicAddress = PublicAddress(configuredScheme: settings.publicScheme, ports: ports)
        trustedProxies = settings.trustedProxies
        maxBody = settings.maxBody?.bytes
        minUploadRate = settings.minUploadRate?.bytes
        idleTimeout = TimeAmount(settings.idleTimeout)
        slotIdleTime = TimeAmount(max(settings.idleTimeout, settings.visitTimeout + .seconds(60)))
        drainTimeout = TimeAmount(settings.drainTimeout)
    }

    func isTrustedProxy(_ peer: Peer) -> Bool {
        guard !trustedProxies.isEmpty, let address = peer.address else { return false }
        return trustedProxies.contains { $0.contains(address) }
    }
}

extension HostLimits {
    init(_ settings: RelaySettings) {
        self.init()
        queueTimeout = TimeAmount(settings.queueTimeout)
        queueLimit = settings.queueLimit
        waitingEverywhere = settings.maxWaitingVisitors ?? .max
        slots = settings.maxSlots
        visitTimeout = TimeAmount(settings.visitTimeout)
        parkTime = TimeAmount(settings.parkTime)
        resendWindow = TimeAmount(settings.resendWindow)
    }
}
