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
    let limits: Upstream.Limits
    let budget: KeepBudget
    let metrics: TunnelMetrics
    private let loops: [EventLoop]
    let reports: TunnelReports
    private let shared: Locked<Shared>
    private let knownFeatures = Atomic<UInt8>(0)
    private let needsLength = Atomic<Bool>(false)
    private let growth = AsyncStream<Int>.makeStream()
    /// The link has come up for the first time, or never will.
    let opened = Latch()
    /// The last slot has ended.
    let ended = Latch()

    private struct Shared {
        var link: LinkState
        var census: SlotCensus
        var slots: [SlotID: SlotHandle] = [:]
        var stop = StopRequest.none
        var open = 0
        var publicURL: String?
        var health = UpstreamHealth()
        var healthCheck: HealthCheckHandle?
        /// When the slots were told to close because the upstream is down.
        var refusingSince: Moment?

        /// What a slot is told that has just begun.
        var slotStop: StopRequest {
            guard stop == .none, let refusingSince else { return stop }
            return .drain(since: refusingSince)
        }
    }

    init(
        _ config: TunnelConfig, loops: [EventLoop], budget: KeepBudget, metrics: DaemonMetrics, sink: LogSink,
        loopID: String, observer: TunnelObserver? = nil
    ) {
        self.config = config
        self.loops = loops
        self.budget = budget
        self.metrics = metrics.tunnel(config.name)
        relayEndpoint = Endpoint(relayOf: config)
        upstream = UpstreamService(config.upstream, of: config, loopID: loopID)
        fallback = config.fallback.map { UpstreamService($0, of: config, loopID: loopID) }
        choice = UpstreamChoice(hasFallback: fallback != nil, whenDown: config.whenDown)
        limits = Upstream.Limits(
            firstByte: config.upstreamTimeout, idle: config.idleTimeout, maxBody: config.maxBody?.bytes)
        reports = TunnelReports(config, metrics: self.metrics, sink: sink, observer: observer)
        shared = Locked(
            Shared(
                link: LinkState(now: .now),
                census: SlotCensus(workers: config.workers, maxWorkers: config.maxWorkers)))
        self.metrics.slotsMax.set(config.maxWorkers)
        if config.healthPath == nil { metrics.forgetHealth(of: config.name) }
    }

    /// Holds the slots open until the tunnel was stopped and the last slot has ended.
    func run() async {
        defer { ended.open() }
        open(config.workers, counted: false)
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
            shared.stop = request
            return (Array(shared.slots.values), shared.healthCheck)
        }
        healthCheck?.end()
        growth.continuation.finish()
        opened.open()
        for slot in slots { slot.end(request) }
    }

    private func open(_ count: Int, counted: Bool) {
        if !counted { shared.withLock { $0.census.opened(count) } }
        growth.continuation.yield(count)
    }

    private func runSlot(on loop: EventLoop) async {
        do throws(TransferFailure) {
            let slot = try Slot(tunnel: self, loop: loop)
            let stop = shared.withLock { shared in
                shared.slots[slot.id] = SlotHandle(slot, on: loop)
                return shared.slotStop
            }
            if stop != .none { slot.end(stop) }
            metrics.slots[slot.state].add(1)
            await slot.run()
            ended(slot)
        } catch {
            shared.withLock { $0.census.closed() }
            reports.cannotOpenSlot(error)
        }
    }

    private func ended(_ slot: Slot) {
        metrics.slots[slot.state].add(-1)
        shared.withLock { shared in
            if slot.state.isOpen { shared.open -= 1 }
            if slot.state.isIdle { shared.census.idleChanged(by: -1) }
            shared.slots[slot.id] = nil
            shared.link.abandoned(slot.id)
            if !slot.wasSpared { shared.census.closed() }
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
        if let url = fields.firstString(FPWField.publicURL) { shared.withLock { $0.publicURL = url } }
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
    func admit(_ slot: SlotID) -> LinkState.Admission {
        shared.withLock { $0.link.admit(slot, at: .now) }
    }

    var isStarting: Bool { shared.withLock { $0.link.phase == .starting } }

    func slotOpened(_ slot: SlotID, _ form: SlotState) {
        let (event, waiting) = shared.withLock { [metrics] shared in
            let event = shared.link.opened(slot, at: .now)
            if event != nil { metrics.up.set(1) }
            return (event, event == nil ? [] : Array(shared.slots.values))
        }
        guard let event else { return }
        opened.open()
        reports.link(event, form: form, publicURL: publicURL)
        for slot in waiting { slot.wake() }
    }

    func slotFailed(_ slot: SlotID, _ trouble: LinkTrouble) {
        metrics.relayErrors(trouble.reason).add()
        let event = shared.withLock { [metrics] shared in
            var generator = SystemRandomNumberGenerator()
            let event = shared.link.failed(slot, trouble, at: .now, using: &generator)
            if shared.stop == .none { metrics.up.set(shared.link.isUp ? 1 : 0) }
            return event
        }
        if let event {
            reports.link(event, form: .opening, publicURL: publicURL)
        } else {
            reports.slot(trouble)
        }
    }

    /// The slot's POST ended without telling anything about the link.
    func gaveUp(_ slot: SlotID) { shared.withLock { $0.link.abandoned(slot) } }

    func trouble(_ answer: PollAnswer) -> LinkTrouble {
        LinkTrouble(answer, at: config)
    }

    /// What readiness is decided by.
    var linkPhase: LinkPhase {
        shared.withLock { shared in
            LinkPhase(
                isUp: shared.link.isUp, openSlots: shared.open, trouble: shared.link.trouble?.detail,
                isStopping: shared.stop != .none, upstream: shared.health)
        }
    }
}

/// A tunnel's link, for readiness and status.
struct LinkPhase: Sendable, Equatable {
    let isUp: Bool
    let openSlots: Int
    let trouble: String?
    var isStopping = false
    var upstream = UpstreamHealth()
}

// MARK: - The slots

extension Tunnel {
    func slotChanged(from old: SlotState, to new: SlotState) {
        guard old != new else { return }
        metrics.slots[old].add(-1)
        metrics.slots[new].add(1)
        let wantsMore = shared.withLock { shared in
            shared.open += (new.isOpen ? 1 : 0) - (old.isOpen ? 1 : 0)
            shared.census.idleChanged(by: (new.isIdle ? 1 : 0) - (old.isIdle ? 1 : 0))
            return new == .busy && shared.slotStop == .none && shared.census.becameBusy(at: .now)
        }
        if wantsMore { open(1, counted: true) }
    }

    func maySpare() -> Bool { shared.withLock { $0.census.maySpare(at: .now) } }
}

// MARK: - The upstream's health

extension Tunnel {
    var health: UpstreamHealth { shared.withLock { $0.health } }

    /// Keeps the check, to be ended with the tunnel; false where that has stopped already.
    func watch(_ check: HealthCheckHandle) -> Bool {
        shared.withLock { shared in
            shared.healthCheck = check
            return shared.stop == .none
        }
    }

    /// Takes in what a check found, and opens or closes the slots where that is asked for.
    func note(_ finding: UpstreamHealth.Finding) -> (UpstreamHealth.Change?, UpstreamHealth) {
        let (change, health, isOpening, closing) = shared.withLock { [choice] shared in
            let change = shared.health.checked(finding)
            let refuses = choice.refuses(isDown: shared.health.isDown)
            let isOpening = !refuses && shared.refusingSince != nil
            let isClosing = refuses && shared.refusingSince == nil
            if isOpening { shared.refusingSince = nil }
            if isClosing { shared.refusingSince = .now }
            return (change, shared.health, isOpening, isClosing ? Array(shared.slots.values) : [])
        }
        for slot in closing { slot.end(.drain(since: .now)) }
        if isOpening { open(config.workers, counted: false) }
        return (change, health)
    }
}

// MARK: - Visits

extension Tunnel {
    func served(_ reply: Reply, received: Int) { reports.served(reply, received: received) }
    func dropped(_ reply: Reply, _ reason: Resend.DropReason) { reports.dropped(reply, reason) }
    func visitorLeft(_ record: VisitRecord) { reports.visitorLeft(record) }
    func upstreamFailed(_ fault: UpstreamFault) { reports.upstreamFailed(fault) }
}
