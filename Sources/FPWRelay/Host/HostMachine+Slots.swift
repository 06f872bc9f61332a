import FPWProtocol
import NIOCore

/// What becomes of a slot's POST that has been read to its end.
enum Parking<Visitor: Sendable>: Sendable {
    case parked
    case handOver(Visitor, VisitID)
    /// The slot was closed: it is told to go.
    case drained
    case goingDown
    /// The host has as many slots as it may have.
    case full
    /// The name is another token's.
    case held
}

/// What becomes of a reply whose head has come.
enum Admission<Visitor: Sendable, Post: Sendable>: Sendable {
    /// The body goes to this visitor. `replacing`: an earlier POST of the same reply is superseded, its connection dead.
    case accepted(Visitor, replacing: Post?)
    /// The visitor has left: nobody wants the body.
    case abandoned
    /// The visit is gone, answered, or another slot's.
    case refused
}

/// A visit that the slot which it was handed to will not answer.
enum GivenUp<Visitor: Sendable, Post: Sendable>: Sendable {
    case seen(Visitor)
    /// The slot never got it.
    case unseen(Visitor)
    /// The POST that was answered with it knows what the slot got.
    case known(Visitor, by: Post)
}

/// What a drain finds (PROTOCOL.md §4).
enum DrainResult<Post: Sendable>: Sendable {
    /// The slot's poll is to be answered.
    case parked(Post)
    case busy
    case unknown
}

extension HostMachine {
    /// A slot's POST ended and is its next poll.
    ///
    /// - Parameter claimant: see `claim`.
    mutating func pollEnded(
        _ post: Post, slot: SlotID?, by claimant: Claimant? = nil, loop: Int, at now: NIODeadline
    ) -> Parking<Visitor> {
        switch standing {
        case .open: break
        case .removed: return .drained
        case .goingDown: return .goingDown
        }
        if let slot, drained.contains(slot, at: now) { return .drained }
        guard parked.count + claiming.count + busyCount < limits.slots else { return .full }
        switch claim(by: claimant, at: now) {
        case .granted: break
        case .waits:
            claiming.park(.init(post: post, slot: slot, parkedAt: now), loop: loop)
            return .parked
        case .refused: return .held
        }
        return take(post, slot: slot, loop: loop, at: now)
    }

    private mutating func take(_ post: Post, slot: SlotID?, loop: Int, at now: NIODeadline) -> Parking<Visitor> {
        polledAt = now
        while let id = queue.popFirst() {
            guard isWaiting(id), let visitor = visits[id]?.visitor else { continue }
            waitingCount -= 1
            handOver(id, to: post, slot: slot, at: now)
            return .handOver(visitor, id)
        }
        parked.park(.init(post: post, slot: slot, parkedAt: now), loop: loop)
        return .parked
    }

    /// A slot has said hello: its first poll is about to come. Returns how long that is waited for.
    mutating func slotGreeted(at now: NIODeadline) -> TimeAmount {
        greetedUntil = now + limits.greetingTime
        return limits.greetingTime
    }

    /// Whether this slot has the visit, or its reply under way.
    func awaitsReply(_ id: VisitID, by slot: SlotID?) -> Bool {
        guard let visit = visits[id], !isWaiting(id) else { return false }
        return visit.owner == slot
    }

    /// A slot polls without a reply: what it was handed before it will not answer, since a slot does one thing at a time.
    ///
    /// Returns the visitors whose side calls `redeliver` or gives the visit up.
    mutating func slotReturned(_ slot: SlotID) -> [GivenUp<Visitor, Post>] {
        var givenUp: [GivenUp<Visitor, Post>] = []
        for (id, visit) in visits where visit.owner == slot {
            switch visit.phase {
            case .handedOver(let post, let headBy):
                visits[id]?.phase = .interrupted(until: .distantFuture, headBy: headBy)
                givenUp.append(.known(visit.visitor, by: post))
            // It is being decided.
            case .interrupted(until: .distantFuture, _): break
            case .interrupted(_, let headBy):
                visits[id]?.phase = .interrupted(until: .distantFuture, headBy: headBy)
                givenUp.append(visit.isInDoubt ? .unseen(visit.visitor) : .seen(visit.visitor))
            case .abandoned: removeVisit(id)
            // Its POST may have broken, and what is on the way of that not have been read yet.
            case .replying: visits[id]?.ownerReturned = true
            case .waiting: break
            }
        }
        return givenUp
    }

    /// The parked polls that have been silent long enough to ask whether their slots are still there.
    func silentPolls(at now: NIODeadline) -> [Post] {
        parked.posts(parkedBy: now - limits.silence)
    }

    /// A parked poll's slot does not answer.
    mutating func doubt(_ post: Post, loop: Int) {
        parked.doubt(post, loop: loop)
    }

    /// A parked poll's connection is gone.
    mutating func pollClosed(_ post: Post, loop: Int) {
        _ = parked.remove(post, loop: loop) || claiming.remove(post, loop: loop)
    }

    /// A reply's head has come.
    mutating func replyBegan(
        _ id: VisitID, by post: Post, slot: SlotID?, isResend: Bool, at now: NIODeadline
    ) -> Admission<Visitor, Post> {
        guard let visit = visits[id], visit.owner == slot else { return .refused }
        switch visit.phase {
        case .waiting:
            return .refused
        case .handedOver, .interrupted:
            visits[id]?.phase = .replying(by: post)
            visits[id]?.isInDoubt = false
            return .accepted(visit.visitor, replacing: nil)
        case .replying(let earlier):
            guard isResend else { return .refused }
            visits[id]?.phase = .replying(by: post)
            return .accepted(visit.visitor, replacing: earlier)
        case .abandoned:
            removeVisit(id)
            expectReturn(at: now)
            return .abandoned
        }
    }

    /// A reply's body is complete: the visit is served. False where it is no longer this POST's.
    mutating func replyEnded(_ id: VisitID, by post: Post) -> Bool {
        guard case .replying(let owner) = visits[id]?.phase, owner === post else { return false }
        removeVisit(id)
        return true
    }

    /// A reply's POST broke before its end: the same reply may come again, unless its slot has gone on to poll.
    ///
    /// Returns the visitor whose side then calls `redeliver` or gives the visit up.
    mutating func replyBroke(_ id: VisitID, by post: Post, at now: NIODeadline) -> Visitor? {
        guard let visit = visits[id], case .replying(let owner) = visit.phase, owner === post else { return nil }
        let until = visit.ownerReturned ? .distantFuture : now + limits.resendWindow
        visits[id]?.phase = .interrupted(until: until, headBy: .distantFuture)
        return visit.ownerReturned ? visit.visitor : nil
    }

    /// The connection of a POST that was answered with a visit was lost after the visit's head was written whole.
    ///
    /// - Parameter isInDoubt: the slot got all of the visit or nothing; which, is shown by what it sends next.
    mutating func connectionLost(_ id: VisitID, of post: Post, isInDoubt: Bool = false, at now: NIODeadline) {
        let resendBy = now + limits.resendWindow
        switch visits[id]?.phase {
        case .handedOver(let owner, let headBy) where owner === post:
            visits[id]?.phase = .interrupted(until: resendBy, headBy: headBy)
            visits[id]?.isInDoubt = isInDoubt
        case .abandoned(let owner?, let until) where owner === post:
            visits[id]?.phase = .abandoned(at: nil, until: min(until, resendBy))
        default: break
        }
    }

    /// A slot asks to be closed.
    ///
    /// - Parameter claimant: see `claim`.
    mutating func drain(_ slot: SlotID, by claimant: Claimant? = nil, at now: NIODeadline) -> DrainResult<Post> {
        drained.insert(slot, until: now + limits.drainMemory)
        if let claimant = claiming.remove(slot: slot) { return .parked(claimant) }
        let poll = parked.remove(slot: slot)
        guard poll != nil || visits.values.contains(where: { $0.owner == slot }) else { return .unknown }
        slotLeft(by: claimant)
        return poll.map { .parked($0) } ?? .busy
    }
}
