import FPWConfig
import FPWMetrics
import FPWProtocol
import FPWService
import FPWTransport
import Logging
import Synchronization

/// One public host and the local service behind it: its slots, and what they share.
///
/// The slots may run on several event loops; what they share is behind a lock or atomic.
final class Tunnel: Sendable {
    let config: TunnelConfig
    let relayEndpoint: Endpoint
    let upstream: UpstreamService
    let fallback: UpstreamService?
    let choice: UpstreamChoice
    let access: AccessGate
    let limits: Upstream.Limits
    let budget: KeepBudget
    let metrics: TunnelMetrics
    /// Bounds the copies of visits that the inspector will keep; nil: it is off.
    let captures: KeepBudget?
    private let tries: Locked<TryBudget>
    private let changes: ChangeSignal
    private let loops: [EventLoop]
    let reports: TunnelReports
    let shared: Locked<Shared>
    private let knownFeatures = Atomic<UInt8>(0)
    private let needsLength = Atomic<Bool>(false)
    let growth = AsyncStream<Int>.makeStream()
    /// The slots of the tunnel that was here before are not needed any more, or no others will come.
    let relieved = Latch()
    /// The last slot has ended.
    let ended = Latch()

    struct Shared {
        var state: TunnelState
        var slots: [SlotID: SlotHandle] = [:]
        var publicURL: String?
        var health = UpstreamHealth()
        var healthCheck: HealthCheckHandle?
    }

    init(
        _ config: TunnelConfig, loops: [EventLoop], budget: KeepBudget, tries: Locked<TryBudget> = Locked(TryBudget()),
        metrics: DaemonMetrics, sink: LogSink, loopID: String, changes: ChangeSignal = ChangeSignal(),
        captures: KeepBudget? = nil, relieving predecessor: Tunnel? = nil, observer: TunnelObserver? = nil
    ) {
        self.captures = captures
        self.config = config
        self.loops = loops
        self.budget = budget
        self.tries = tries
        self.changes = changes
        self.metrics = metrics.tunnel(config.name)
        relayEndpoint = Endpoint(relayOf: config)
        upstream = UpstreamService(config.upstream, of: config, loopID: loopID)
        fallback = config.fallback.map { UpstreamService($0, of: config, loopID: loopID) }
        choice = UpstreamChoice(hasFallback: fallback != nil, whenDown: config.whenDown)
        access = AccessGate(config.access, name: config.name, slots: config.maxWorkers)
        limits = Upstream.Limits(
            firstByte: config.upstreamTimeout, idle: config.idleTimeout, maxBody: config.maxBody?.bytes)
        reports = TunnelReports(config, metrics: self.metrics, sink: sink, observer: observer)
        shared = Locked(
            Shared(
                state: TunnelState(
                    workers: config.workers, maxWorkers: config.maxWorkers, relieving: predecessor?.slotsToRelieve ?? 0,
                    now: .now)))
        self.metrics.slotsMax.set(config.maxWorkers)
        if config.healthPath == nil { metrics.forgetHealth(of: config.name) }
    }

    /// Holds the slots open until the tunnel was stopped and the last slot has ended.
    func run() async {
        defer { ended.open() }
        if shared.withLock({ $0.state.relieves() }) { relieved.open() }
        growth.continuation.yield(config.workers)
        await withDiscardingTaskGroup { group in
            let first = loops[0]
            group.addTask(executorPreference: first) { await self.checkHealth(on: first) }
            var next = 0
            for await count in growth.stream {
                for _ in 0..<count {
                    let loop = loops[next % loops.count]
                    next += 1
                    group.addTask(executorPreference: loop) { await self.runSlot(on: loop) }
                }
            }
        }
    }

    /// Takes no more visits; `.now` also gives up those under way.
    func stop(_ request: StopRequest) {
        let (slots, healthCheck) = shared.withLock { shared in
            shared.state.stop(request)
            return (Array(shared.slots.values), shared.healthCheck)
        }
        healthCheck?.end()
        growth.continuation.finish()
        relieved.open()
        for slot in slots { slot.end(request) }
    }

    private func runSlot(on loop: EventLoop) async {
        guard let slot = await makeSlot(on: loop) else {
            return shared.withLock { $0.state.slotNotMade() }
        }
        let stop = shared.withLock { shared in
            shared.slots[slot.id] = SlotHandle(slot, on: loop)
            _ = shared.state.slotChanged(from: nil, to: slot.state, at: .now)
            return shared.state.slotStop
        }
        if stop != .none { slot.end(stop) }
        metrics.slots[slot.state].add(1)
        await slot.run()
        ended(slot)
    }

    /// Tries until there is memory for it; nil: the tunnel was stopped meanwhile.
    private func makeSlot(on loop: EventLoop) async -> Slot? {
        while shared.withLock({ $0.state.slotStop == .none }) {
            do throws(TransferFailure) {
                return try Slot(tunnel: self, loop: loop)
            } catch {
                reports.slot(LinkTrouble(error))
                try? await Task.sleep(for: Self.betweenSlotTries)
            }
        }
        return nil
    }

    private static let betweenSlotTries = Duration.seconds(1)

    private func ended(_ slot: Slot) {
        metrics.slots[slot.state].add(-1)
        shared.withLock { shared in
            shared.slots[slot.id] = nil
            shared.state.slotEnded(slot.id, in: slot.state, wasSpared: slot.wasSpared, at: .now)
        }
    }
}

// MARK: - What the relay can do

extension Tunnel {
    var features: RelayFeatures { RelayFeatures(rawValue: knownFeatures.load(ordering: .relaxed)) }

    /// The relay refuses bodies without a length; longer ones go through a file.
    var relayNeedsLength: Bool { needsLength.load(ordering: .relaxed) }

    /// Notes what an answer's head tells of the relay; nil where it names no features.
    func learn(from fields: HeaderFields) -> RelayFeatures? {
        guard let value = fields.first(FPWField.features) else { return nil }
        let features = RelayFeatures(parsing: value)
        knownFeatures.store(features.rawValue, ordering: .relaxed)
        if let url = fields.first(FPWField.publicURL).flatMap(PublicURL.read) { shared.withLock { $0.publicURL = url } }
        return features
    }

    func replyRefused(_ reply: Reply, status: Int) {
        if status == 411 || status == 501, reply.wasChunked { needsLength.store(true, ordering: .relaxed) }
        reports.replyRefused(reply, status: status)
    }

    var publicURL: String {
        shared.withLock { $0.publicURL } ?? "\(config.relay.isHTTPS ? "https" : "http")://\(config.host)/"
    }
}

// MARK: - The link

extension Tunnel {
    func admit(_ slot: SlotID, afterTrouble: Bool, carriesReply: Bool, bringsReply: Bool) -> SlotGate.Link {
        shared.withLock { [tries] shared in
            let now = Moment.now
            return shared.state.admit(
                slot, afterTrouble: afterTrouble, carriesReply: carriesReply, bringsReply: bringsReply, at: now
            ) {
                tries.withLock { $0.turn(at: now) }
            }
        }
    }

    func slotOpened(_ slot: SlotID, _ form: SlotState, postedAt: Moment) {
        let (event, now, waiting) = shared.withLock { [metrics] shared in
            let now = Moment.now
            let event = shared.state.slotOpened(slot, postedAt: postedAt, at: now)
            if event != nil { metrics.up.set(1) }
            return (event, now, event == nil ? [] : Array(shared.slots.values))
        }
        guard let event else { return }
        changes.signal()
        reports.link(event, form: form, publicURL: publicURL)
        let isFirst = event == .cameUp(after: nil)
        for slot in waiting { isFirst ? slot.wake() : slot.linkReturned(since: now) }
    }

    /// - Returns: whether the link is up in spite of it.
    func slotFailed(_ slot: SlotID, _ trouble: LinkTrouble, postedAt: Moment) -> Bool {
        metrics.relayErrors(trouble.reason).add()
        let (event, isUp) = shared.withLock { [metrics] shared in
            var generator = SystemRandomNumberGenerator()
            let event = shared.state.slotFailed(slot, trouble, postedAt: postedAt, at: .now, using: &generator)
            let isUp = shared.state.link.isUp
            if shared.state.stop == .none { metrics.up.set(isUp ? 1 : 0) }
            return (event, isUp)
        }
        if let event {
            changes.signal()
            reports.link(event, form: .opening, publicURL: publicURL)
        } else {
            reports.slot(trouble)
        }
        return isUp
    }

    /// The slot's POST ended without telling anything about the link.
    func gaveUp(_ slot: SlotID) { shared.withLock { $0.state.slotGaveUp(slot) } }

    /// The machine woke up, has other addresses, or another way out.
    ///
    /// Where nobody knows which connections are dead one poll is opened anew: relays hand visitors to the latest first, and
    /// keepalive finds out about the others (PROTOCOL.md §4).
    func networkChanged(_ change: NetworkChange) {
        let slots = shared.withLock { shared in
            shared.state.redial(at: .now)
            return Array(shared.slots.values)
        }
        var generator = SystemRandomNumberGenerator()
        let request = OneSlot()
        if change == .rerouted { slots.forEach { $0.reopen(request) } }
        for (slot, moment) in zip(slots, SlotGate.reopening(slots.count, from: .now, using: &generator)) {
            slot.networkChanged(change, reopeningAt: moment)
            slot.wake()
        }
    }

    func trouble(_ answer: PollAnswer, isLeaving: Bool) -> LinkTrouble {
        LinkTrouble(answer, isLeaving: isLeaving, at: config)
    }

    /// What readiness is decided by.
    var linkPhase: LinkPhase {
        shared.withLock { shared in
            LinkPhase(
                isUp: shared.state.link.isUp, openSlots: shared.state.open, trouble: shared.state.link.trouble?.detail,
                isStopping: shared.state.stop != .none, upstream: shared.health)
        }
    }
}

// MARK: - The slots

extension Tunnel {
    func slotChanged(from old: SlotState, to new: SlotState) {
        guard old != new else { return }
        metrics.slots[old].add(-1)
        metrics.slots[new].add(1)
        let (more, relieves) = shared.withLock { shared in
            (shared.state.slotChanged(from: old, to: new, at: .now), shared.state.relieves())
        }
        if relieves { relieved.open() }
        if old.isOpen != new.isOpen { changes.signal() }
        if more > 0 { growth.continuation.yield(more) }
    }

    /// As many must be open before this tunnel can go.
    var slotsToRelieve: Int { shared.withLock { $0.state.slotsToRelieve } }

    func maySpare() -> Bool { shared.withLock { $0.state.maySpare(at: .now) } }
}

// MARK: - Visits

extension Tunnel {
    /// Whether the access log tells more of the visitor's fields than the line among the other logs.
    var logsVisitorFields: Bool { reports.logsVisitorFields }
    func served(_ reply: Reply, received: Int) { reports.served(reply, received: received) }
    func dropped(_ reply: Reply, _ reason: Resend.DropReason) { reports.dropped(reply, reason) }
    func visitorLeft(_ record: VisitRecord) { reports.unanswered(record, status: 499, reason: "visitor-gone") }
    func stopped(_ record: VisitRecord) { reports.unanswered(record, status: 503, reason: "stopped") }
    func upstreamFailed(_ fault: UpstreamFault) { reports.upstreamFailed(fault) }
}
