import FPWProtocol
import FPWTransport

@testable import FPWDaemon

/// What a relay in trouble may expect of one tunnel, checked against what was posted and answered.
struct PaceAudit {
    private struct History {
        /// Failures since the last good answer.
        var failures = 0
        /// The last POST failed then; nil: it did not, or the link returned since.
        var failedAt: Moment?
        /// It would have posted then, had no reply needed the descriptor.
        var heldBackAt: Moment?
        var asked = Duration.zero
        /// All failures were answers of a relay that is there.
        var isPlain = true
        var retries: [Moment] = []
        /// A reply that the relay did not take.
        var owed: Int?
    }

    private static let longestRetryAfter = Duration.seconds(60)
    /// Turns of the process's budget may have to be waited for, by thirty tunnels at once.
    private static let allowance = Duration.seconds(10)

    /// There are thirty tunnels.
    let isCrowded: Bool

    private(set) var complaints: [String] = []
    private var slots: [SlotID: History] = [:]
    private var firstRefusals: [Int: Moment] = [:]
    private var probes: [SimulatedPost] = []
    private var lastProbe: Moment?
    private var gaveUpProbeAt: Moment?
    private var hasGivenUp = false
    private var probeFailedAt: Moment?
    private var noProbeBefore: Moment?
    private var linkIsUp = false
    private var linkChangedAt: Moment?
    private var failuresInARow = 0

    init(isCrowded: Bool) { self.isCrowded = isCrowded }

    // MARK: What the link does

    mutating func cameUp(at now: Moment) {
        linkIsUp = true
        linkChangedAt = now
        probes = []
        (gaveUpProbeAt, noProbeBefore) = (nil, nil)
        for slot in slots.keys {
            slots[slot]?.failedAt = nil
            slots[slot]?.retries = []
        }
    }

    mutating func opened() { failuresInARow = 0 }

    /// A POST told something of the link, or failed for its slot alone.
    mutating func failed(
        _ slot: SlotID, _ trouble: LinkTrouble, isTheSlotsOwn: Bool, postedAt: Moment, wasUp: Bool, isUp: Bool,
        at now: Moment
    ) {
        let asked = slots[slot]?.asked ?? .zero
        let isLate = linkChangedAt.map { wasUp && postedAt < $0 } ?? false
        if wasUp, !isLate, !isTheSlotsOwn { failuresInARow += 1 }
        linkIsUp = isUp
        if wasUp, !isUp {
            linkChangedAt = now
            probes = []
            if isLate { complaints.append("the link is down by a POST of before it came up") }
            if !trouble.isOfTheLink, failuresInARow < 3 {
                complaints.append("the link is down after \(failuresInARow) failures in a row")
            }
        } else if isUp, failuresInARow >= 3 {
            complaints.append("the link is up after \(failuresInARow) failures in a row")
        }
        let wasProbe = probes.contains { $0.slot == slot }
        if !isUp, wasUp || wasProbe {
            noProbeBefore = now + asked
            probeFailedAt = now
            gaveUpProbeAt = nil
        }
        // A link that is down paces all slots together.
        guard isUp else { return }
        slots[slot, default: History()].failures += 1
        slots[slot]?.failedAt = now
        if trouble.backoff != .relay { slots[slot]?.isPlain = false }
    }

    /// The slots close, because the upstream is down: nobody probes.
    mutating func refused() { gaveUpProbeAt = nil }

    /// A poll lets a reply go first.
    mutating func heldBack(_ slot: SlotID, at now: Moment) { slots[slot]?.heldBackAt = now }

    /// The slot left a probe without its result.
    mutating func gaveUp(_ slot: SlotID, at now: Moment) {
        guard let probe = probes.last(where: { $0.slot == slot }) else { return }
        probes.removeAll { $0.slot == slot }
        hasGivenUp = true
        // Beside another one, or after its failure, the next has its distance.
        let isAlone = !probes.contains(where: \.isRunning) && (probeFailedAt.map { $0 < probe.startedAt } ?? true)
        gaveUpProbeAt = isAlone ? now : nil
    }

    mutating func ended(_ slot: SlotID) {
        guard probes.contains(where: { $0.slot == slot }) else { return }
        probes.removeAll { $0.slot == slot }
        hasGivenUp = true
    }

    // MARK: What slots do

    mutating func answered(_ post: SimulatedPost, _ facts: AnswerFacts, at now: Moment) {
        var history = slots[post.slot] ?? History()
        let isGood = (200..<300).contains(facts.status)
        if isGood, facts.sinceUpload >= .seconds(1) || facts.headers.first("fpw-rid") != nil { history = History() }
        let asksToWait = facts.status == 429 || facts.status == 503
        let asked = facts.headers.first("retry-after")?.decimal.map { Duration.seconds($0) } ?? .zero
        history.asked = asksToWait ? min(asked, Self.longestRetryAfter) : .zero
        history.owed = nil
        if case .reply(let visit, _) = post.kind {
            let isRefused = facts.status >= 500 || facts.status == 429
            let first = firstRefusals[visit] ?? now
            if isRefused { firstRefusals[visit] = first }
            if isRefused, facts.sinceUpload < .seconds(5) { history.owed = visit }
        }
        slots[post.slot] = history
    }

    mutating func begins(_ post: SimulatedPost, linkIsUp: Bool, at now: Moment) {
        if post.isProbe {
            checkProbe(at: now)
            probes.append(post)
            (lastProbe, gaveUpProbeAt, hasGivenUp) = (now, nil, false)
        } else if !linkIsUp, !post.isFirstSending {
            complaints.append("a POST that is no probe while the link is down")
        }
        checkSlot(post, at: now)
        slots[post.slot]?.failedAt = nil
        slots[post.slot]?.asked = .zero
    }

    // MARK: What must be so

    private mutating func checkProbe(at now: Moment) {
        let running = probes.filter(\.isRunning)
        if running.count >= 2 { complaints.append("\(running.count + 1) probes at once") }
        if let first = running.first, now < first.startedAt + .seconds(3) {
            complaints.append("a second probe after \(now - first.startedAt)")
        }
        if let noProbeBefore, now < noProbeBefore {
            complaints.append("a probe before the relay's Retry-After has passed")
        }
        guard let lastProbe else { return }
        if let gaveUpProbeAt {
            let soon = isCrowded ? Self.allowance : .milliseconds(1500)
            if now > max(gaveUpProbeAt, lastProbe + .seconds(1)) + soon {
                complaints.append("no probe for \(now - gaveUpProbeAt) after one was given up")
            }
        } else if !hasGivenUp, now < lastProbe + .seconds(1) {
            complaints.append("a probe \(now - lastProbe) after the last")
        }
    }

    private mutating func checkSlot(_ post: SimulatedPost, at now: Moment) {
        guard var history = slots[post.slot] else { return }
        defer { slots[post.slot] = history }
        if let owed = history.owed {
            history.owed = nil
            let isWorthIt = firstRefusals[owed].map { now < $0 + Resend.lifetimeWhileStopping } ?? false
            var isSent = false
            if case .reply(owed, _) = post.kind { isSent = true }
            if isWorthIt, !isSent { complaints.append("the reply to visit \(owed) was forgotten") }
        }
        guard let failedAt = history.failedAt else { return }
        if now < failedAt + history.asked {
            complaints.append("a POST \(now - failedAt) after the relay asked for \(history.asked)")
        }
        history.retries.append(now)
        let recent = history.retries.suffix(16).filter { $0 + .seconds(30) > now }
        history.retries = recent
        // Full jitter under a bound that doubles to 30 s makes so many next to impossible.
        if history.isPlain, recent.count > 15 { complaints.append("a slot's \(recent.count) tries within 30 s") }
        let bound = min(.seconds(30), .milliseconds(500) * (1 << min(max(history.failures - 1, 0), 6)))
        let isOfTheSlot = linkIsUp && (linkChangedAt.map { $0 < failedAt } ?? true)
        let since = max(failedAt, history.heldBackAt ?? failedAt)
        if isOfTheSlot, now > since + max(bound, history.asked) + Self.allowance {
            complaints.append("\(now - failedAt) of waiting after \(history.failures) failures")
        }
    }
}
