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

    let name: String
    let site: Site
    private let machine: Locked<Machine>
    private let logger: Logger

    init(name: String, site: Site, limits: HostLimits, logger: Logger) {
        self.name = name
        self.site = site
        self.logger = logger
        machine = Locked(Machine(limits: limits))
    }

    /// Where the host stands.
    struct Status: Sendable {
        let parked: Int
        let busy: Int
        let waiting: Int
        let isForgettable: Bool
    }

    var status: Status {
        machine.withLock {
            Status(
                parked: $0.parkedCount, busy: $0.busyCount, waiting: $0.waitingVisitors, isForgettable: $0.isForgettable
            )
        }
    }

    /// Changes the machine, and counts the hand-overs that this brought.
    private func change<Result: Sendable>(_ body: (inout Machine) -> Result) -> Result {
        machine.withLock { machine in
            let before = machine.counts
            let result = body(&machine)
            let after = machine.counts
            if after != before {
                site.metrics.handOvers.add(after.handOvers - before.handOvers)
                site.metrics.repeats.add(after.repeats - before.repeats)
            }
            return result
        }
    }
}

// MARK: Visitors

extension Host {
    func visitorArrived(_ visitor: Visitor, at now: NIODeadline) -> Placement<SlotPost> {
        change { $0.visitorArrived(visitor, id: visitor.id, loop: visitor.loop.index, at: now) }
    }

    func redeliver(_ id: VisitID, from post: SlotPost?, at now: NIODeadline) -> Placement<SlotPost> {
        change { $0.redeliver(id, from: post, at: now) }
    }

    func visitorLeft(_ id: VisitID, bodyIsIncomplete: Bool, at now: NIODeadline) -> Departure<SlotPost> {
        change { $0.visitorLeft(id, bodyIsIncomplete: bodyIsIncomplete, at: now) }
    }
}

// MARK: Slots

extension Host {
    func pollEnded(_ post: SlotPost, slot: SlotID?, at now: NIODeadline) -> Parking<Visitor> {
        let (parking, presence) = change { machine in
            (machine.pollEnded(post, slot: slot, loop: post.loop.index, at: now), machine.presenceChange(at: now))
        }
        report(presence)
        return parking
    }

    /// A slot polls without a reply: the visits that it had are decided upon anew.
    func slotReturned(_ slot: SlotID) {
        for visitor in change({ $0.slotReturned(slot) }) {
            visitor.loop.run { visitor.reconsider() }
        }
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
        change { machine in
            _ = machine.replyEnded(id, by: post)
            return endsSlot ? .drained : machine.pollEnded(post, slot: slot, loop: post.loop.index, at: now)
        }
    }

    func replyBroke(_ id: VisitID, by post: SlotPost, at now: NIODeadline) {
        guard let visitor = change({ $0.replyBroke(id, by: post, at: now) }) else { return }
        visitor.loop.run { visitor.reconsider() }
    }

    func connectionLost(_ id: VisitID, of post: SlotPost, at now: NIODeadline) {
        change { $0.connectionLost(id, of: post, at: now) }
    }

    func drain(_ slot: SlotID, at now: NIODeadline) -> DrainResult<SlotPost> {
        change { $0.drain(slot, at: now) }
    }
}

// MARK: Time

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

    private func perform(_ actions: [HostAction<Visitor, SlotPost>]) {
        for action in actions {
            switch action {
            case .expirePoll(let post): post.loop.run { post.expire() }
            case .dismissPoll(let post): post.loop.run { post.dismiss() }
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
