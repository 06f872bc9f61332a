import FPWConfig
import FPWMetrics
import FPWProtocol
import FPWService
import Logging
import NIOCore
import Synchronization

/// What all connections of the relay share.
final class Relay: Sendable {
    private struct Current {
        var config: RelayConfig
        var live: LiveSettings
    }

    let hosts: HostTable
    let metrics = RelayMetrics()
    /// For the status page.
    let visits = VisitRing()
    /// Counts the visits that no pattern covers.
    let unknownSite: Site
    let log: LogSink
    let logger: Logger
    private let ports: VisitorPorts
    private let current: Locked<Current>
    private let refusals = Locked(RefusalLimiter())
    let connections: Locked<ConnectionBounds>
    /// Connections that took one of the last descriptors.
    let shortages = Locked(Folding())
    private let orphans = Locked(OrphanedVisits<SlotPost>())
    private let goesDown = Atomic<Bool>(false)

    /// - Parameter adjust: changes what is no setting.
    init(
        _ config: RelayConfig, _ ports: VisitorPorts, log: LogSink,
        adjust: @Sendable (inout HostLimits) -> Void = { _ in }
    ) {
        self.ports = ports
        self.log = log
        logger = log.logger("fpw-relay")
        unknownSite = Site(pattern: "unknown", tokens: [], metrics: metrics.site("unknown"))
        current = Locked(Current(config: config, live: LiveSettings(config.relay, ports)))
        connections = Locked(
            ConnectionBounds(limit: config.relay.maxConnectionsPerAddress, proxies: config.relay.trustedProxies))
        var limits = HostLimits(config.relay)
        adjust(&limits)
        hosts = HostTable(metrics.sites(config.hosts), limits: limits, logger: logger)
        metrics.observe(hosts, log)
    }

    /// As they are now; whoever works for a while keeps them.
    var live: LiveSettings { current.withLock { $0.live } }

    /// Whether any host is configured.
    var hasHosts: Bool { current.withLock { !$0.config.hosts.isEmpty } }

    var isGoingDown: Bool { goesDown.load(ordering: .relaxed) }

    /// Refuses new visitors, dismisses polls; what slots have is still answered (PROTOCOL.md §4).
    func goDown() {
        goesDown.store(true, ordering: .relaxed)
        for host in hosts.all { host.goDown() }
    }

    /// Lets every host look at the time, and forgets the counters of patterns that are gone.
    func sweep(at now: NIODeadline) {
        for pattern in hosts.sweep(at: now) { metrics.registry.removeSeries(where: "host", is: pattern) }
    }

    /// Takes over a changed configuration, as far as that is possible without a restart.
    func apply(_ config: RelayConfig) -> RelayReloadPlan {
        let plan = current.withLock { current in
            defer { current = Current(config: config, live: LiveSettings(config.relay, ports)) }
            return RelayReloadPlan(from: current.config, to: config)
        }
        connections.withLock {
            $0.apply(limit: config.relay.maxConnectionsPerAddress, proxies: config.relay.trustedProxies)
        }
        log.level = Logger.Level(config.relay.logLevel)
        log.access = AccessLogSettings(config.relay.access)
        hosts.apply(metrics.sites(config.hosts), limits: HostLimits(config.relay), at: .now())
        return plan
    }
}

extension Relay {
    /// The host that a POST may serve by its `fpw-host` and `fpw-token`.
    ///
    /// For an address that has shown too many wrong tokens only those are compared by which slots are here from there: what
    /// is refused tells a guess at another's that hits from no other.
    ///
    /// - Parameter tokens: the good ones that the connection has shown.
    func authorise(
        _ head: RequestHead, of peer: Peer, showing tokens: [Token], at now: NIODeadline
    ) -> HostTable.Admission {
        guard let name = slotHost(head), let token = head.headers.first(FPWField.token) else { return .refused }
        let live = live
        let isProxied = live.isTrustedProxy(peer)
        if !isProxied, tokens.match(for: token.span) != nil {
            return hosts.host(forSlot: name, token: token.span, at: now)
        }
        let block = address(behind: peer, head).flatMap { $0.isLoopback ? nil : AddressBlock($0) }
        if let block, let known = tokensComparedOnly(block, at: now), known.match(for: token.span) == nil {
            return .refused
        }
        let admission = hosts.host(forSlot: name, token: token.span, at: now)
        if isProxied, let block, let token = admission.granted?.token {
            refusals.withLock { $0.admitted(token, block, until: now + live.slotIdleTime, at: now) }
        }
        return admission
    }

    /// The tokens by which slots are here from an address that has shown too many wrong ones; nil for any other address.
    private func tokensComparedOnly(_ block: AddressBlock, at now: NIODeadline) -> [Token]? {
        let behindProxies = refusals.withLock { $0.isExhausted(block, at: now) ? $0.tokens(of: block, at: now) : nil }
        return behindProxies.map { $0 + connections.withLock { $0.tokens(of: block) } }
    }

    /// The host that awaits this POST's reply although its token counts no more: a slot may finish what it was handed. The
    /// visit's id, which nobody else knows, stands for the token.
    func hostAwaitingReply(_ head: RequestHead) -> Host? {
        guard let id = SlotRequest.visit(in: head.headers), let name = slotHost(head), let host = hosts.known(name)
        else {
            return nil
        }
        return host.awaitsReply(id, by: (try? SlotRequest.slot(in: head.headers)) ?? nil) ? host : nil
    }

    /// Nil also for a name that no visitor's Host field can have.
    private func slotHost(_ head: RequestHead) -> HostName? {
        head.headers.first(FPWField.host).flatMap { Authority($0.span)?.name }
    }

    /// What a slot calls its host, fit for a log line.
    private func claimedHost(_ head: RequestHead) -> String {
        MessageText.clean(head.headers.first(FPWField.host) ?? [])
    }

    /// Counts and logs a POST that was not authorised; what it is answered.
    func refusal(of head: RequestHead, _ admission: HostTable.Admission, peer: Peer) -> SlotAnswer {
        if case .full(let site, let limit) = admission { return refusal(of: head, below: site, limit: limit) }
        metrics.refusedTokens.add()
        let address = address(behind: peer, head)
        guard refusals.withLock({ $0.admits(address.map { AddressBlock($0) }, at: .now()) }) else {
            return .tooManyRefusals
        }
        logger.warning(
            "a slot was refused: unknown host or wrong token",
            metadata: [
                "address": "\(address?.description ?? peer.text)",
                "host": "\(claimedHost(head))",
            ])
        return .forbidden
    }

    private func refusal(of head: RequestHead, below site: Site, limit: Int) -> SlotAnswer {
        site.metrics.refusedNames.add()
        logger.warning(
            "a slot was refused: its wildcard has as many names as it may have",
            metadata: [
                "host": "\(claimedHost(head))", "wildcard": "\(site.pattern)", "names": "\(limit)",
            ])
        return .tooManyNames(below: site.pattern, limit: limit)
    }

    /// A handshake has failed.
    func noteNoTLS(_ peer: Peer, _ error: any Error) {
        metrics.protocolErrors.series("tls").add()
        logger.debug("no TLS came about", metadata: ["address": "\(peer.text)", "error": "\(error)"])
    }

    /// Where a request comes from, as far as trusted proxies tell.
    func address(behind peer: Peer, _ head: RequestHead) -> IPAddress? {
        IPAddress(ClientAddress(peer, headers: head.headers, trusted: live.trustedProxies).text)
    }

    /// Counts and logs a slot that is not taken although its token is good; what it is answered.
    func refusal(_ refusal: SlotRefusal, at host: Host, peer: Peer) -> SlotAnswer {
        let site = host.site
        site.metrics.refusedSlots[refusal].add()
        logger.warning(
            "a slot was refused although its token is good",
            metadata: ["host": "\(host.name)", "address": "\(peer.text)", "reason": "\(refusal.rawValue)"])
        return switch refusal {
        case .maxSlots: .tooManySlots(host.name, limit: host.slotLimit)
        case .held: .held(host.name, below: site.pattern)
        }
    }

    func slotConnectionOpened(of peer: Peer, countedAs block: AddressBlock?) {
        if let block { connections.withLock { $0.becameSlots(block) } }
        orphans.withLock { $0.connectionOpened(of: peer.text) }
    }

    /// - Parameter posts: were answered with visits that the worker may still be at.
    func slotConnectionClosed(of peer: Peer, leaving posts: [SlotPost]) {
        let lost = orphans.withLock { $0.connectionClosed(of: peer.text, leaving: posts) }
        // It closes the connections itself when it goes down: their end says nothing of the worker.
        guard !isGoingDown else { return }
        for post in lost { post.loop.run { post.workerLost() } }
    }

    func forget(orphan post: SlotPost) {
        orphans.withLock { $0.forget(post, of: post.connection.peer.text) }
    }

    /// The URL at which visitors reach a host, told to its slots.
    func publicURL(of host: String, _ head: RequestHead, _ peer: Peer) -> String {
        let live = live
        let client = ClientAddress(peer, headers: head.headers, trusted: live.trustedProxies)
        return live.publicAddress.url(of: host, request: head.headers, isProxied: client.isProxied)
    }
}

extension Logger.Level {
    init(_ level: LogLevel) {
        self = Logger.Level(rawValue: level.rawValue) ?? .info
    }
}
