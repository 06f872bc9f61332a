import FPWMetrics
import FPWProtocol
import NIOCore

/// One public host's decisions: which slot serves which visitor (PROTOCOL.md §3, §4).
///
/// Parked polls are served last in, first out; visitors wait first in, first out. Every visit has at most one owner, and
/// ends exactly once: with a complete reply, a failure, or its visitor's leaving. The machine does nothing but decide:
/// events come in with the time, what to do goes out. `Visitor` and `Post` are only compared and handed back.
struct HostMachine<Visitor: AnyObject & Sendable, Post: AnyObject & Sendable> {
    /// A visitor's request under way.
    struct Visit {
        let visitor: Visitor
        let loop: Int
        var phase: Phase
        /// The slot that the visit is bound to; nil for a worker that names none.
        var owner: SlotID?
        /// The owner has polled since: it will not send its reply again.
        var ownerReturned = false
        /// It is not known whether the owner got it.
        var isInDoubt = false
        var handOvers = 0
        /// Until then it may look for another slot although its own has not got it; nil before the first.
        var repeatedUntil: NIODeadline?
    }

    /// Whether visitors and polls are taken; replies always are.
    enum Standing {
        case open
        /// The configuration names the host no more.
        case removed
        case goingDown

        /// What a visitor is told who looks for a slot.
        var refusal: VisitFailure? {
            switch self {
            case .open: nil
            case .removed: .noSlot
            case .goingDown: .goingDown
            }
        }
    }

    enum Phase {
        /// Queued for a slot.
        case waiting(since: NIODeadline)
        /// A slot has it; no reply yet.
        case handedOver(to: Post, headBy: NIODeadline)
        /// A reply arrives.
        case replying(by: Post)
        /// A connection broke; a reply may still come. After `until` the visitor's side decides; where that is for ever, it has
        /// been asked, or will be as soon as it is known what the slot got.
        case interrupted(until: NIODeadline, headBy: NIODeadline)
        /// The visitor left while a slot worked; the reply is still to be met. This POST was answered with the visit, as far
        /// as its connection stands.
        case abandoned(at: Post?, until: NIODeadline)
    }

    var limits: HostLimits
    var parked = ParkedPolls<Post>()
    /// Polls of another token than the holder's, which wait for the name to be free.
    var claiming = ParkedPolls<Post>()
    /// Whose the name is; nil where nobody's, or where it has a table of its own.
    var tenure: Tenure?
    var visits: [VisitID: Visit] = [:]
    /// Ids in the order of service; those whose visit no longer waits are passed over.
    var queue = CircularBuffer<VisitID>()
    var waitingCount = 0
    /// Visits whose visitor has left.
    var abandonedCount = 0
    let drained: DrainedSlots
    /// When a slot last polled.
    var polledAt: NIODeadline?
    /// A slot was answered and is coming back.
    var expectedUntil: NIODeadline?
    /// A slot has said hello and will poll.
    var greetedUntil: NIODeadline?
    var standing = Standing.open
    /// Whether the last announcement said that slots are online.
    var isAnnounced = false
    var counts = HostCounts()

    /// - Parameter drained: the memory of the table that the host is of.
    init(limits: HostLimits, drained: DrainedSlots = DrainedSlots()) {
        self.limits = limits
        self.drained = drained
    }
}

/// What has happened at a host so far. `handOvers - repeats` is the number of visits that slots were given.
struct HostCounts: Sendable, Equatable {
    var handOvers = 0
    /// Hand-overs of a visit that had been handed over before.
    var repeats = 0
}

/// Why a visitor gets an error page in place of a reply.
enum VisitFailure: String, Error, MetricLabel {
    case noSlot = "no-slot"
    case queueFull = "queue-full"
    /// Too many visitors wait at all hosts.
    case relayFull = "relay-full"
    case queueTimeout = "queue-timeout"
    case visitTimeout = "visit-timeout"
    /// Every slot that had the visit was lost, or it cannot be repeated.
    case slotLost = "slot-lost"
    case goingDown = "going-down"
}

extension HostMachine {
    /// Whether a slot is here, at work, coming back, or about to come.
    func isOnline(at now: NIODeadline) -> Bool {
        hasSlots(at: now) || claiming.count > 0 || greetedUntil.map { now < $0 } ?? false
    }

    /// Whether a slot is here, at work or coming back.
    func hasSlots(at now: NIODeadline) -> Bool {
        parked.count > 0 || visits.count > waitingCount || expectedUntil.map { now < $0 } ?? false
    }

    var parkedCount: Int { parked.count }
    /// Visits that a slot has.
    var busyCount: Int { visits.count - waitingCount }
    var waitingVisitors: Int { waitingCount }
    /// Whether neither a slot nor a visitor is here, and no reply is to be met.
    var isForgettable: Bool { isDeserted && visits.isEmpty }
    /// Whether neither a slot nor a visitor is here.
    var isDeserted: Bool { parked.count == 0 && claiming.count == 0 && visits.count == abandonedCount }

    mutating func expectReturn(at now: NIODeadline) {
        expectedUntil = now + limits.returnTime
    }

    mutating func handOver(_ id: VisitID, to post: Post, slot: SlotID?, at now: NIODeadline) {
        guard var visit = visits[id] else { return }
        counts.handOvers += 1
        if visit.handOvers > 0 { counts.repeats += 1 }
        visit.handOvers += 1
        visit.repeatedUntil = visit.repeatedUntil ?? now + limits.visitTimeout
        visit.owner = slot
        visit.ownerReturned = false
        visit.isInDoubt = false
        visit.phase = .handedOver(to: post, headBy: now + limits.visitTimeout)
        visits[id] = visit
    }
}
