import FPWProtocol
import FPWTransport

/// What a tunnel's slots share, and what follows from what each of them tells: the decisions, without doing anything.
struct TunnelState: Sendable {
    private(set) var link: LinkState
    private(set) var census: SlotCensus
    private(set) var stop = StopRequest.none
    /// When the slots were told to close because the upstream is down.
    private(set) var refusingSince: Moment?
    /// Slots that a visitor can be, or is being, served by.
    private(set) var open = 0
    /// `slotsToRelieve` of the tunnel that was here before, until as many are open here, or all that there shall be.
    private var relieving: Int?
    /// Slots whose reply finds no descriptor.
    private var starving: Set<SlotID> = []
    /// How long a poll waits that would take a descriptor from a reply.
    private static let precedence = Duration.milliseconds(500)

    /// - Parameter relieving: `slotsToRelieve` of the tunnel that was here before; 0: there was none.
    init(workers: Int, maxWorkers: Int, relieving: Int = 0, now: Moment) {
        link = LinkState(now: now)
        census = SlotCensus(workers: workers, maxWorkers: maxWorkers)
        census.opened(workers)
        self.relieving = relieving
    }

    /// What a slot is told that has just begun.
    var slotStop: StopRequest {
        guard stop == .none, let refusingSince else { return stop }
        return .drain(since: refusingSince)
    }

    // MARK: New before old

    /// As many must be open before this tunnel can go: what is open here, or is about to be. One that has relieved nobody yet
    /// leaves that to the next.
    var slotsToRelieve: Int { max(link.isUp ? census.total : open, relieving ?? 0) }

    /// Whether the tunnel that was here before is not needed any more; true once.
    mutating func relieves() -> Bool {
        guard let count = relieving, open >= min(count, census.workers) else { return false }
        relieving = nil
        return true
    }

    // MARK: The upstream is down

    /// Its visitors shall find another daemon: the slots close, and no other opens.
    mutating func refuse(at now: Moment) { refusingSince = now }

    /// - Returns: how many slots shall be opened.
    mutating func accept() -> Int {
        refusingSince = nil
        census.opened(census.workers)
        return census.workers
    }

    // MARK: Out of descriptors

    /// The slot's reply finds none: until it has one, no poll takes it.
    mutating func starves(_ slot: SlotID) { starving.insert(slot) }

    var holdsPolls: Bool { !starving.isEmpty && link.isUp }

    mutating func isFed(_ slot: SlotID) { starving.remove(slot) }

    // MARK: The link

    /// - Parameters:
    ///   - carriesReply: the slot has a reply to send.
    ///   - bringsReply: no POST has carried it yet.
    mutating func admit(
        _ slot: SlotID, afterTrouble: Bool, carriesReply: Bool = false, bringsReply: Bool = false, at now: Moment,
        turn: () -> Moment
    ) -> SlotGate.Link {
        if !carriesReply, holdsPolls { return .turn(at: now + Self.precedence) }
        let isStarting = link.phase == .starting
        switch link.admit(
            slot, afterTrouble: afterTrouble, carriesReply: carriesReply, bringsReply: bringsReply, at: now, turn: turn)
        {
        case .post(let isProbe): return .post(isProbe: isProbe)
        case .turn(let moment): return .turn(at: moment)
        case .wait(let moment): return isStarting ? .starting(until: moment) : .down(until: moment)
        }
    }

    mutating func slotOpened(_ slot: SlotID, postedAt: Moment, at now: Moment) -> LinkState.Event? {
        link.opened(slot, postedAt: postedAt, at: now)
    }

    mutating func slotFailed(
        _ slot: SlotID, _ trouble: LinkTrouble, postedAt: Moment, at now: Moment,
        using generator: inout some RandomNumberGenerator
    ) -> LinkState.Event? {
        // One slot too many for the relay says nothing against the others.
        if trouble.kind == .status(429), link.isUp, open > 0 {
            link.abandoned(slot)
            return nil
        }
        return link.failed(slot, trouble, postedAt: postedAt, at: now, using: &generator)
    }

    /// A POST ended without telling anything about the link.
    mutating func slotGaveUp(_ slot: SlotID) { link.abandoned(slot) }

    mutating func redial(at now: Moment) { link.redial(at: now) }

    // MARK: The slots

    /// - Returns: how many slots shall be opened.
    mutating func slotChanged(from old: SlotState?, to new: SlotState?, at now: Moment) -> Int {
        open += (new?.isOpen == true ? 1 : 0) - (old?.isOpen == true ? 1 : 0)
        let count = census.slotChanged(from: old, to: new, at: now)
        guard slotStop == .none else {
            census.opened(-count)
            return 0
        }
        return count
    }

    mutating func slotEnded(_ slot: SlotID, in state: SlotState, wasSpared: Bool, at now: Moment) {
        _ = slotChanged(from: state, to: nil, at: now)
        link.abandoned(slot)
        isFed(slot)
        if !wasSpared { census.closed() }
    }

    /// A slot could not even be made.
    mutating func slotNotMade() { census.closed() }

    mutating func maySpare(at now: Moment) -> Bool { slotStop == .none && census.maySpare(at: now) }

    mutating func stop(_ request: StopRequest) { stop = request }
}
