import FPWMetrics
import FPWProtocol
import FPWService
import Logging
import NIOCore

/// One public host name: its machine behind a lock, its counters and its log lines.
///
/// Any loop may call; what comes back is performed by the caller, on the loops that visitors and POSTs belong to.
final class Host: Sendable {
    typealias Machine = HostMachine<Visitor, SlotPost>

    private struct State {
        var machine: Machine
        var site: Site
    }

    let name: String
    private let state: Locked<State>
    /// Those of all hosts.
    private let waiting: WaitingVisitors
    /// Those of all hosts of its table.
    private let waitingOfTable: WaitingVisitors
    private let logger: Logger

    /// - Parameters:
    ///   - waiting: the visitors of all hosts.
    ///   - commons: what it shares with the other names of its table.
    init(
        name: String, site: Site, limits: HostLimits, waiting: WaitingVisitors, commons: TableCommons = TableCommons(),
        logger: Logger
    ) {
        self.name = name
        waitingOfTable = commons.waiting
        self.waiting = waiting
        self.logger = logger
        state = Locked(State(machine: Machine(limits: limits.with(site), drained: commons.drained), site: site))
    }

    /// The table that says who may serve the host.
    var site: Site { state.withLock { $0.site } }

    /// Slots that may be here at the same time.
    var slotLimit: Int { state.withLock { $0.machine.limits.slots } }

    /// Where the host stands.
    struct Status: Sendable {
        let parked: Int
        let busy: Int
        let waiting: Int
        let isForgettable: Bool
    }

    var status: Status {
        state.withLock { state in
            let machine = state.machine
            return Status(
                parked: machine.parkedCount, busy: machine.busyCount, waiting: machine.waitingVisitors,
                isForgettable: machine.isForgettable)
        }
    }

    /// Changes the machine, and counts the hand-overs that this brought and who waits because of it, or no more.
    private func change<Result: Sendable>(_ body: (inout Machine) -> Result) -> Result {
        change { machine, _ in body(&machine) }
    }

    private func change<Result: Sendable>(_ body: (inout Machine, inout Site) -> Result) -> Result {
        state.withLock { state in
            let (before, waited) = (state.machine.counts, state.machine.waitingVisitors)
            let result = body(&state.machine, &state.site)
            let waits = state.machine.waitingVisitors
            if waits != waited {
                waiting.change(by: waits - waited)
                waitingOfTable.change(by: waits - waited)
            }
            let after = state.machine.counts
            if after != before {
                state.site.metrics.handOvers.add(after.handOvers - before.handOvers)
                state.site.metrics.repeats.add(after.repeats - before.repeats)
            }
            return result
        }
    }
}

// MARK: Visitors

extension Host {
    func visitorArrived(_ visitor: Visitor, at now: NIODeadline) -> Placement<SlotPost> {
        let placement = change {
            $0.visitorArrived(
                visitor, id: visitor.id, loop: visitor.loop.index, ofTable: waitingOfTable.count,
                everywhere: waiting.count, at: now)
        }
        if case .refused(.relayFull) = placement {
            logger.warning(
                "a visitor was refused: too many wait at all hosts (max_waiting_visitors)",
                metadata: ["host": "\(name)", "waiting": "\(waiting.count)"])
        }
        return placement
    }

    func redeliver(_ id: VisitID, from post: SlotPost?, at now: NIODeadline) -> Placement<SlotPost> {
        change { $0.redeliver(id, from: post, at: now) }
    }

    func isInterrupted(_ id: VisitID) -> Bool {
        state.withLock { $0.machine.isInterrupted(id) }
    }

    func visitorLeft(_ id: VisitID, bodyIsIncomplete: Bool, at now: NIODeadline) -> Departure<SlotPost> {
        change { $0.visitorLeft(id, bodyIsIncomplete: bodyIsIncomplete, at: now) }
    }
}

// MARK: Slots

extension Host {
    /// Returns how long the slot's first poll is waited for.
    func slotGreeted(at now: NIODeadline) -> TimeAmount {
        change { $0.slotGreeted(at: now) }
    }

    /// Whether a slot that is about to come would be let in.
    func admits(_ claimant: Claimant?, at now: NIODeadline) -> Bool {
        state.withLock {
            // Asking is no claim.
            var asked = $0.machine
            return asked.claim(by: claimant, at: now) != .refused
        }
    }

    func awaitsReply(_ id: VisitID, by slot: SlotID?) -> Bool {
        state.withLock { $0.machine.awaitsReply(id, by: slot) }
    }

    func pollEnded(_ post: SlotPost, slot: SlotID?, at now: NIODeadline) -> Parking<Visitor> {
        let (parking, presence) = change { machine, site -> (Parking<Visitor>, Presence?) in
            // The table may have changed while the POST was on its way.
            guard post.isAdmitted(by: site) else { return (.drained, nil) }
            let parking = machine.pollEnded(
                post, slot: slot, by: post.claimant, loop: post.loop.index, at: now)
            return (parking, machine.presenceChange(at: now))
        }
        report(presence)
        return parking
    }

    /// A slot polls without a reply: the visits that it had are decided upon anew.
    func slotReturned(_ slot: SlotID) {
        for visit in change({ $0.slotReturned(slot) }) {
            switch visit {
            case .seen(let visitor): visitor.loop.run { visitor.reconsider() }
            case .unseen(let visitor): visitor.loop.run { visitor.reconsider(isUnseen: true) }
            case .known(let visitor, let post): post.loop.run { post.slotReturned(without: visitor) }
            }
        }
    }

    /// A slot does not acknowledge its visit: lets those that are parked be asked whether they are there.
    func probeSlots(at now: NIODeadline) {
        for post in state.withLock({ $0.machine.silentPolls(at: now) }) {
            post.loop.run { post.probe() }
        }
    }

    /// The slot is given no visit while there is another.
    func doubt(_ post: SlotPost) {
        state.withLock { $0.machine.doubt(post, loop: post.loop.index) }
    }

    func pollClosed(_ post: SlotPost) {
        change { $0.pollClosed(post, loop: post.loop.index) }
    }

    func replyBegan(
        _ id: VisitID, by post: SlotPost, slot: SlotID?, isResend: Bool, at now: NIODeadline
    ) -> Admission<Visitor, SlotPost> {
        change { $0.replyBegan(id, by: post, slot: slot, isResend: isResend, at: now) }
    }

    /// The reply is complete, and its POST is the slot's next poll, unless the slot ends with it.
    func replyEnded(
        _ id: VisitID, by post: SlotPost, slot: SlotID?, endsSlot: Bool, at now: NIODeadline
    ) -> Parking<Visitor> {
        change { machine, site in
            _ = machine.replyEnded(id, by: post)
            if endsSlot { machine.slotLeft(by: post.claimant) }
            guard !endsSlot, post.isAdmitted(by: site) else { return .drained }
            return machine.pollEnded(post, slot: slot, by: post.claimant, loop: post.loop.index, at: now)
        }
    }

    func replyBroke(_ id: VisitID, by post: SlotPost, at now: NIODeadline) {
        guard let visitor = change({ $0.replyBroke(id, by: post, at: now) }) else { return }
        visitor.loop.run { visitor.reconsider() }
    }

    func connectionLost(_ id: VisitID, of post: SlotPost, isInDoubt: Bool = false, at now: NIODeadline) {
        change { $0.connectionLost(id, of: post, isInDoubt: isInDoubt, at: now) }
    }

    func drain(_ slot: SlotID, by claimant: Claimant?, at now: NIODeadline) -> DrainResult<SlotPost> {
        let (result, actions) = change { ($0.drain(slot, by: claimant, at: now), $0.settleClaims(at: now)) }
        perform(actions)
        return result
    }
}

// MARK: Time and changes

extension Host {
    func sweep(at now: NIODeadline) {
        let (actions, presence) = change { machine in
            (machine.sweep(at: now), machine.presenceChange(at: now))
        }
        report(presence)
        perform(actions)
    }

    func goDown() {
        perform(change { $0.goDown() })
    }

    /// The configuration names the host, perhaps by another table or with other tokens than before: polls whose token
    /// counts no more are let go, the others stay.
    func apply(_ site: Site, _ limits: HostLimits) {
        perform(
            change { machine, current in
                current = site
                machine.limits = limits.with(site)
                machine.restore()
                machine.endTenure { site.tokens.contains($0) }
                return machine.letGo { $0.isAdmitted(by: site) }
            })
    }

    /// The configuration names the host no more.
    func remove() {
        perform(change { $0.remove() })
    }

    /// The name is to be forgotten; false where it must not be yet (see the machine's).
    func retire(after silence: TimeAmount, at now: NIODeadline) -> Bool {
        let (isRetired, presence) = change { machine in
            let isRetired = machine.retire(after: silence, at: now)
            return (isRetired, isRetired ? machine.presenceChange(at: now) : nil)
        }
        report(presence)
        return isRetired
    }

    private func perform(_ actions: [HostAction<Visitor, SlotPost>]) {
        for action in actions {
            switch action {
            case .expirePoll(let post): post.loop.run { post.expire() }
            case .dismissPoll(let post): post.loop.run { post.dismiss() }
            case .refusePoll(let post): post.loop.run { post.refuseClaim() }
            case .fail(let visitor, let failure): visitor.loop.run { visitor.fail(failure) }
            case .reconsider(let visitor): visitor.loop.run { visitor.reconsider() }
            }
        }
    }

    private func report(_ presence: Presence?) {
        switch presence {
        case .online: logger.info("host online: its first slot is here", metadata: ["host": "\(name)"])
        case .offline: logger.info("host offline: its last slot is gone", metadata: ["host": "\(name)"])
        case nil: break
        }
    }
}
