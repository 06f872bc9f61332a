import FPWProtocol
import NIOCore

/// What time has brought about at a host.
enum HostAction<Visitor: Sendable, Post: Sendable>: Sendable {
    /// The poll was held long enough: it is answered 204.
    case expirePoll(Post)
    /// The relay goes down: the poll is answered 503.
    case dismissPoll(Post)
    /// The poll's claim to the name is turned down.
    case refusePoll(Post)
    /// The visitor gets an error page; the machine has forgotten the visit.
    case fail(Visitor, VisitFailure)
    /// No resend has come: the visitor's side calls `redeliver` or gives the visit up.
    case reconsider(Visitor)
}

/// A change that an operator wants to know of.
enum Presence: Sendable {
    case online
    case offline
}

extension HostMachine {
    /// Ends what has lasted too long; to be called about once a second.
    mutating func sweep(at now: NIODeadline) -> [HostAction<Visitor, Post>] {
        drained.forgetExpired(at: now)
        let expired = parked.removeAll(parkedBy: now - limits.parkTime)
        if !expired.isEmpty { expectReturn(at: now) }
        var actions = expired.map(HostAction<Visitor, Post>.expirePoll) + settleClaims(at: now)
        let online = isOnline(at: now)
        for (id, visit) in visits {
            if let action = overdue(id, visit, at: now, online: online) { actions.append(action) }
        }
        return actions
    }

    /// Whether slots came or went since this was last asked.
    mutating func presenceChange(at now: NIODeadline) -> Presence? {
        let online = hasSlots(at: now)
        guard online != isAnnounced else { return nil }
        isAnnounced = online
        return online ? .online : .offline
    }

    private mutating func overdue(
        _ id: VisitID, _ visit: Visit, at now: NIODeadline, online: Bool
    ) -> HostAction<Visitor, Post>? {
        switch visit.phase {
        case .waiting(let since):
            guard !online || since + limits.queueTimeout <= now else { return nil }
            removeVisit(id)
            return .fail(visit.visitor, online ? .queueTimeout : .noSlot)
        case .handedOver(_, let headBy) where headBy <= now, .interrupted(_, let headBy) where headBy <= now:
            removeVisit(id)
            expectReturn(at: now)
            return .fail(visit.visitor, .visitTimeout)
        case .interrupted(let until, let headBy) where until <= now:
            visits[id]?.phase = .interrupted(until: .distantFuture, headBy: headBy)
            return .reconsider(visit.visitor)
        case .abandoned(_, let until):
            if until <= now { removeVisit(id) }
            return nil
        case .handedOver, .interrupted, .replying:
            return nil
        }
    }
}
