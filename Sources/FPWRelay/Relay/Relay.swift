import FPWConfig
import FPWMetrics
import FPWProtocol
import FPWService
import Logging
import NIOCore
import Synchronization

/// What all connections of the relay share.
final class Relay: Sendable {
    let settings: RelaySettings
    let hosts: HostTable
    let metrics = RelayMetrics()
    /// Counts the visits that no pattern covers.
    let unknownSite: SiteMetrics
    let publicAddress: PublicAddress
    let maxBody: Int?
    let idleTimeout: TimeAmount
    /// How long a slot's connection may be silent: it may wait for a reply.
    let slotIdleTime: TimeAmount
    let log: LogSink
    let logger: Logger
    private let refusals = Locked(RefusalLimiter())
    private let goesDown = Atomic<Bool>(false)

    /// - Parameter port: the port of the visitors' listener, as bound.
    init(_ config: RelayConfig, port: Int, log: LogSink) {
        settings = config.relay
        self.log = log
        logger = log.logger("fpw-relay")
        unknownSite = metrics.site("unknown")
        publicAddress = PublicAddress(configuredScheme: settings.publicScheme, port: port)
        maxBody = settings.maxBody?.bytes
        idleTimeout = TimeAmount(settings.idleTimeout)
        slotIdleTime = TimeAmount(max(settings.idleTimeout, settings.visitTimeout + .seconds(60)))
        let metrics = metrics
        hosts = HostTable(
            config.hosts.map { Site(pattern: $0.pattern, tokens: $0.tokens, metrics: metrics.site($0.pattern)) },
            limits: HostLimits(settings), logger: logger)
        metrics.observe(hosts)
    }

    var isGoingDown: Bool { goesDown.load(ordering: .relaxed) }

    /// Refuses new visitors, dismisses polls; what slots have is still answered (PROTOCOL.md §4).
    func goDown() {
        goesDown.store(true, ordering: .relaxed)
        for host in hosts.all { host.goDown() }
    }

    /// Whether nothing is under way any more.
    var isIdle: Bool {
        hosts.all.allSatisfy {
            let status = $0.status
            return status.busy == 0 && status.waiting == 0
        }
    }
}

extension Relay {
    /// The host that a POST may serve by its `fpw-host` and `fpw-token`.
    func authorise(_ head: RequestHead) -> Host? {
        guard let name = head.headers.first(FPWField.host).flatMap({ HostName($0) }),
            let token = head.headers.first(FPWField.token)
        else { return nil }
        return hosts.host(forSlot: name, token: token, at: .now())
    }

    /// Counts and logs a POST that was not authorised; what it is answered.
    func refusal(of head: RequestHead, peer: Peer) -> SlotAnswer {
        metrics.refusedTokens.add()
        let address = ClientAddress(peer, headers: head.headers, trusted: settings.trustedProxies).text
        guard refusals.withLock({ $0.admits(address, at: .now()) }) else { return .tooManyRefusals }
        logger.warning(
            "a slot was refused: unknown host or wrong token",
            metadata: ["address": "\(address)", "host": "\(head.headers.firstString(FPWField.host) ?? "")"])
        return .forbidden
    }

    /// The URL at which visitors reach a host, told to its slots.
    func publicURL(of host: String, _ head: RequestHead, _ peer: Peer) -> String {
        let client = ClientAddress(peer, headers: head.headers, trusted: settings.trustedProxies)
        return publicAddress.url(of: host, request: head.headers, isProxied: client.isProxied)
    }
}

extension HostLimits {
    init(_ settings: RelaySettings) {
        self.init()
        queueTimeout = TimeAmount(settings.queueTimeout)
        queueLimit = settings.queueLimit
        visitTimeout = TimeAmount(settings.visitTimeout)
        parkTime = TimeAmount(settings.parkTime)
        resendWindow = TimeAmount(settings.resendWindow)
    }
}
