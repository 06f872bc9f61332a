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
        case wait(until: Moment)
    }

    /// What a tunnel tells its operator.
    enum Event: Sendable, Equatable {
        case cameUp(after: Duration?)
        case wentDown(LinkTrouble)
        case stillDown(LinkTrouble, since: Duration)
    }

    private static let secondProbeAfter = Duration.seconds(3)
    private static let steadyAfter = Duration.seconds(10)
    private static let failuresThatBringDown = 3

    private(set) var phase = Phase.starting
    private var since: Moment
    private var nextProbe: Moment
    private var probes: [SlotID: Moment] = [:]
    private var backoff = Backoff()
    private var failuresInARow = 0
    private var upSince: Moment?

    init(now: Moment) {
        since = now
        nextProbe = now
    }

    var isUp: Bool { phase == .up }

    var trouble: LinkTrouble? {
        guard case .down(let trouble) = phase else { return nil }
        return trouble
    }

    mutating func admit(_ slot: SlotID, at now: Moment) -> Admission {
        guard phase != .up else { return .post(isProbe: false) }
        if probes.count < 2, let oldest = probes.values.min() {
            let second = max(oldest + Self.secondProbeAfter, nextProbe)
            guard second <= now else { return .wait(until: second) }
        } else if probes.isEmpty {
            guard nextProbe <= now else { return .wait(until: nextProbe) }
        } else {
            return .wait(until: now + Self.secondProbeAfter)
        }
        probes[slot] = now
        return .post(isProbe: true)
    }

    /// The slot's POST had a good answer, or is parked.
    mutating func opened(_ slot: SlotID, at now: Moment) -> Event? {
        probes[slot] = nil
        failuresInARow = 0
        guard phase != .up else { return nil }
        let downFor = phase == .starting ? nil : now - since
        phase = .up
        upSince = now
        probes = [:]
        return .cameUp(after: downFor)
    }

    /// The slot gave up its try without a result: it was stopped.
    mutating func abandoned(_ slot: SlotID) {
        probes[slot] = nil
    }

    /// The slot's POST failed.
    mutating func failed(
        _ slot: SlotID, _ trouble: LinkTrouble, at now: Moment, using generator: inout some RandomNumberGenerator
    ) -> Event? {
        let wasProbe = probes.removeValue(forKey: slot) != nil
        if phase == .up {
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
        if case .down(let known) = previous, known.kind == trouble.kind {
            return .stillDown(trouble, since: now - since)
        }
        return .wentDown(trouble)
    }
}
