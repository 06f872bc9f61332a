import FPWProtocol
import FPWTransport

/// Whether a tunnel's relay can be reached, and who may try: the decisions, without doing anything.
///
/// While the link is down one slot probes and the others wait; a second may probe where the first has been connecting for
/// three seconds. What belongs to one slot (a 5xx, a broken connection) brings the link down only when it happens three
/// times in a row over the whole tunnel (PROTOCOL.md §2).
struct LinkState: Sendable {
    enum Phase: Sendable, Equatable {
        /// Nothing is known yet: the first slot asks.
        case starting
        case up
        case down(LinkTrouble)
    }

    enum Admission: Sendable, Equatable {
        case post(isProbe: Bool)
        /// The link is not up, and another slot finds out about it.
        case wait(until: Moment)
        /// The link is up; the slot's try after trouble has its turn then.
        case turn(at: Moment)
    }

    /// What a tunnel tells its operator.
    enum Event: Sendable, Equatable {
        case cameUp(after: Duration?)
        case wentDown(LinkTrouble)
        case stillDown(LinkTrouble, since: Duration)
    }

    private static let secondProbeAfter = Duration.seconds(3)
    /// Full jitter may draw next to nothing; a relay in trouble is spared that.
    private static let leastBetweenProbes = Duration.seconds(1)
    private static let steadyAfter = Duration.seconds(10)
    private static let failuresThatBringDown = 3
    /// A relay that went down in good order may be away for so long before that is worth another line.
    private static let restartTime = Duration.seconds(10)

    private(set) var phase = Phase.starting
    private var since: Moment
    private var nextProbe: Moment
    private var lastProbe: Moment?
    /// Turns of the process's budget that were asked for and have not come; nil is the probe's.
    private var turns: [SlotID?: Moment] = [:]
    private var probes: [SlotID: Moment] = [:]
    private var backoff = Backoff()
    private var failuresInARow = 0
    private var upSince: Moment?
    /// What the operator was told last of this outage.
    private var told: LinkTrouble.Kind?

    init(now: Moment) {
        since = now
        nextProbe = now
    }

    var isUp: Bool { phase == .up }

    private var isRefused: Bool { trouble?.kind == .refused }

    var trouble: LinkTrouble? {
        guard case .down(let trouble) = phase else { return nil }
        return trouble
    }

    /// - Parameters:
    ///   - afterTrouble: the slot's last POST failed.
    ///   - carriesReply: the slot has a reply: a relay that goes down in good order takes it to the end.
    ///   - bringsReply: one that was not sent yet: a relay that is not to be polled may take it.
    ///   - turn: takes a turn of the process's `TryBudget`.
    mutating func admit(
        _ slot: SlotID, afterTrouble: Bool = false, carriesReply: Bool = false, bringsReply: Bool = false,
        at now: Moment,
        turn: () -> Moment = { Moment(nanoseconds: 0) }
    ) -> Admission {
        if bringsReply && trouble?.leavesWayForReplies == true || carriesReply && trouble?.kind == .leaving {
            return .post(isProbe: false)
        }
        if phase == .up {
            guard afterTrouble, let later = awaitTurn(of: slot, at: now, turn) else { return .post(isProbe: false) }
            return .turn(at: later)
        }
        if let later = probeMayStart(at: now) ?? awaitTurn(of: nil, at: now, turn) { return .wait(until: later) }
        probes[slot] = now
        lastProbe = now
        return .post(isProbe: true)
    }

    /// When a probe may start; nil: now.
    private func probeMayStart(at now: Moment) -> Moment? {
        guard let oldest = probes.values.min() else { return nextProbe <= now ? nil : nextProbe }
        guard probes.count < 2 else { return now + Self.secondProbeAfter }
        let second = max(oldest + Self.secondProbeAfter, nextProbe)
        return second <= now ? nil : second
    }

    /// When the turn comes; nil: now. A tunnel's very first try is counted and waits for nobody.
    private mutating func awaitTurn(of holder: SlotID?, at now: Moment, _ turn: () -> Moment) -> Moment? {
        let next = turns[holder] ?? turn()
        turns[holder] = nil
        guard next > now, phase != .starting else { return nil }
        turns[holder] = next
        return next
    }

    /// The way to the relay may have changed: a try is worth it now, unless the relay itself asked for patience.
    mutating func redial(at now: Moment) {
        guard let trouble, trouble.isOfTheWay else { return }
        backoff.reset()
        nextProbe = min(nextProbe, max(now, lastProbe.map { $0 + Self.leastBetweenProbes } ?? now))
    }

    /// The slot's POST had a good answer, or is parked.
    /// - Parameter postedAt: when it began; a relay that refuses what is new may still let go of polls of before.
    mutating func opened(_ slot: SlotID, postedAt: Moment? = nil, at now: Moment) -> Event? {
        let wasProbe = !probes.isEmpty && probes.removeValue(forKey: slot) != nil
        let isOfBefore = (told == .leaving || trouble?.isOfTheWay == false) && postedAt.map { $0 < since } ?? false
        // That a relay takes a reply, or lets a poll of earlier go, does not say that it can be polled.
        guard wasProbe || !isRefused && !isOfBefore else { return nil }
        failuresInARow = 0
        guard phase != .up else { return nil }
        let downFor = phase == .starting ? nil : now - since
        phase = .up
        upSince = now
        told = nil
        probes = [:]
        turns = [:]
        return .cameUp(after: downFor)
    }

    /// The slot gave up its try without a result: it was stopped.
    mutating func abandoned(_ slot: SlotID) {
        probes[slot] = nil
        turns[slot] = nil
    }

    /// The slot's POST failed.
    /// - Parameter postedAt: when it began; what began before the link came up says nothing about the link now.
    mutating func failed(
        _ slot: SlotID, _ trouble: LinkTrouble, postedAt: Moment? = nil, at now: Moment,
        using generator: inout some RandomNumberGenerator
    ) -> Event? {
        let wasProbe = probes.removeValue(forKey: slot) != nil
        if phase == .up {
            if trouble.kind == .exhausted { return nil }
            if let postedAt, let upSince, postedAt < upSince { return nil }
            failuresInARow += 1
            guard trouble.isOfTheLink || failuresInARow >= Self.failuresThatBringDown else { return nil }
        } else if !wasProbe {
            return nil
        }
        return bringDown(trouble, at: now, using: &generator)
    }

    private mutating func bringDown(
        _ trouble: LinkTrouble, at now: Moment, using generator: inout some RandomNumberGenerator
    ) -> Event {
        let previous = phase
        if previous == .up || previous == .starting { since = now }
        // A link that comes up only to fail at once is no link: the pace goes on slowing.
        if let upSince, upSince + Self.steadyAfter <= now { backoff.reset() }
        upSince = nil
        phase = .down(trouble)
        let delay = backoff.next(trouble.backoff, since: now - since, using: &generator)
        nextProbe = now + max(delay, trouble.retryAfter ?? .zero)
        if let lastProbe { nextProbe = max(nextProbe, lastProbe + Self.leastBetweenProbes) }
        turns = [:]
        let isAwaited = told == .leaving && trouble.isOfRestart && now - since < Self.restartTime
        guard told != trouble.kind, !isAwaited else { return .stillDown(trouble, since: now - since) }
        told = trouble.kind
        return .wentDown(trouble)
    }
}
