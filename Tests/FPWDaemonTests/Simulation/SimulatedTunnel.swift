import FPWConfig
import FPWProtocol
import FPWTransport

@testable import FPWDaemon

/// A tunnel of simulated slots; what is decided is decided by the daemon's own `TunnelState`.
final class SimulatedTunnel: Configured, @unchecked Sendable {
    let config: TunnelConfig
    let clock: SimulatedClock
    let relay: SimulatedRelay
    private let budget: SimulatedBudget
    private(set) var state: TunnelState
    private(set) var slots: [SimulatedSlot] = []
    private(set) var cameUpAt: Moment?
    private(set) var lastFailureAt: Moment?
    private(set) var hasRelieved = false
    private(set) var complaints: [String] = []
    private(set) var audit: PaceAudit
    private var began: Set<Int> = []
    private(set) var knowsFeatures = false
    private(set) var refusals = 0
    private(set) var hasEnded = false
    var whenRelieved: () -> Void = {}
    var whenEnded: () -> Void = {}

    init(
        _ config: TunnelConfig, _ clock: SimulatedClock, _ relay: SimulatedRelay, _ budget: SimulatedBudget,
        relieving predecessor: SimulatedTunnel?
    ) {
        self.config = config
        self.clock = clock
        self.relay = relay
        self.budget = budget
        audit = PaceAudit(isCrowded: budget.isCrowded)
        state = TunnelState(
            workers: config.workers, maxWorkers: config.maxWorkers,
            relieving: predecessor?.state.slotsToRelieve ?? 0, now: clock.now)
    }

    func run() {
        relieve()
        open(config.workers)
    }

    private func relieve() {
        guard state.relieves() else { return }
        hasRelieved = true
        whenRelieved()
    }

    func stop(_ request: StopRequest) {
        state.stop(request)
        whenRelieved()
        for slot in slots { slot.end(request) }
        endIfEmpty()
    }

    func networkChanged() {
        state.redial(at: clock.now)
        let moments = SlotGate.reopening(slots.count, from: clock.now, using: &clock.random)
        for (slot, moment) in zip(slots, moments) { slot.networkChanged(reopeningAt: moment) }
        clock.after(SlotGate.returnSpread + .milliseconds(1)) { [self] in
            if slots.contains(where: \.hasOldPoll) {
                complaints.append("a poll on a connection of before the network changed")
            }
        }
    }

    // MARK: The upstream's health

    func refuse() {
        refusals += 1
        state.refuse(at: clock.now)
        for slot in slots { slot.end(.drain(since: clock.now)) }
        audit.refused()
    }

    func accept() {
        guard state.refusingSince != nil else { return }
        open(state.accept())
    }

    private func open(_ count: Int) {
        for _ in 0..<count {
            clock.after(.zero) { [self] in
                guard state.slotStop == .none else { return state.slotNotMade() }
                let slot = SimulatedSlot(self)
                slots.append(slot)
                // Those that finish their visits while others take their place are not counted.
                let count = slots.count { !$0.isEnding }
                if count > config.maxWorkers { complaints.append("\(count) slots, more than max_workers") }
                _ = state.slotChanged(from: nil, to: slot.state, at: clock.now)
                slot.wake()
            }
        }
    }

    // MARK: What slots ask and tell

    func admit(_ slot: SlotID, afterTrouble: Bool, carriesReply: Bool, bringsReply: Bool) -> SlotGate.Link {
        if state.holdsPolls, !carriesReply { audit.heldBack(slot, at: clock.now) }
        return state.admit(
            slot, afterTrouble: afterTrouble, carriesReply: carriesReply, bringsReply: bringsReply, at: clock.now
        ) {
            budget.turn(at: clock.now)
        }
    }

    func opened(_ slot: SlotID, postedAt: Moment) {
        audit.opened()
        guard let event = state.slotOpened(slot, postedAt: postedAt, at: clock.now) else { return }
        cameUpAt = clock.now
        audit.cameUp(at: clock.now)
        let isFirst = event == .cameUp(after: nil)
        let (waiting, now) = (slots, clock.now)
        clock.after(.zero) { for slot in waiting { isFirst ? slot.wake() : slot.linkReturned(since: now) } }
    }

    /// Whether the link is up in spite of it.
    func failed(_ slot: SlotID, _ trouble: LinkTrouble, postedAt: Moment) -> Bool {
        lastFailureAt = clock.now
        let wasUp = state.link.isUp
        let isTheSlotsOwn = trouble.kind == .exhausted || trouble.kind == .status(429) && state.open > 0
        _ = state.slotFailed(slot, trouble, postedAt: postedAt, at: clock.now, using: &clock.random)
        audit.failed(
            slot, trouble, isTheSlotsOwn: isTheSlotsOwn, postedAt: postedAt, wasUp: wasUp, isUp: state.link.isUp,
            at: clock.now)
        return state.link.isUp
    }

    func starves(_ slot: SlotID) {
        state.starves(slot)
        let others = slots.filter { $0.id != slot }
        clock.after(.zero) { _ = others.contains { $0.makeRoom() } }
    }

    func isFed(_ slot: SlotID) { state.isFed(slot) }

    func gaveUp(_ slot: SlotID) {
        state.slotGaveUp(slot)
        audit.gaveUp(slot, at: clock.now)
    }

    func begins(_ post: SimulatedPost) {
        // A relay that goes down takes replies to its end.
        let takesReply = state.link.trouble?.kind == .leaving && post.kind.isReply
        audit.begins(post, linkIsUp: state.link.isUp || takesReply, at: clock.now)
        relay.begin(post)
        // A foreign relay's first poll is a probe for a second: time enough for the network to change.
        guard post.isProbe, !relay.isOurs, clock.chance(0.05) else { return }
        clock.after(clock.milliseconds(50...900)) { [self] in networkChanged() }
    }

    func answered(_ post: SimulatedPost, _ facts: AnswerFacts) { audit.answered(post, facts, at: clock.now) }

    func trouble(_ answer: PollAnswer, isLeaving: Bool) -> LinkTrouble {
        LinkTrouble(answer, isLeaving: isLeaving, at: config)
    }

    func learn(_ fields: HeaderFields) -> Bool {
        guard fields.first(FPWField.features) != nil else { return false }
        knowsFeatures = true
        return true
    }

    func slotChanged(from old: SlotState, to new: SlotState) {
        open(state.slotChanged(from: old, to: new, at: clock.now))
        relieve()
    }

    func maySpare() -> Bool { state.maySpare(at: clock.now) }

    func began(_ visit: Int, on slot: SlotID) {
        if !began.insert(visit).inserted { complaints.append("visit \(visit) was begun twice") }
    }

    func ended(_ slot: SimulatedSlot) {
        slots.removeAll { $0 === slot }
        audit.ended(slot.id)
        state.slotEnded(slot.id, in: slot.state, wasSpared: slot.wasSpared, at: clock.now)
        endIfEmpty()
    }

    private func endIfEmpty() {
        guard slots.isEmpty, state.stop != .none, !hasEnded else { return }
        hasEnded = true
        whenEnded()
    }
}

/// The process's budget, and when its turns were taken.
final class SimulatedBudget {
    let isCrowded: Bool
    private var budget = TryBudget()
    private(set) var turns: [Moment] = []

    init(isCrowded: Bool) { self.isCrowded = isCrowded }

    func turn(at now: Moment) -> Moment {
        let turn = budget.turn(at: now)
        turns.append(turn)
        return turn
    }
}
