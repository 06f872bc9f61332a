import FPWProtocol
import NIOCore

/// What becomes of a visit that looks for a slot.
enum Placement<Post: Sendable>: Sendable {
    case handOver(to: Post)
    case waits
    case refused(VisitFailure)
    /// The visit has gone on meanwhile: nothing is to be done.
    case superseded
}

/// Where a visit was when its visitor left.
enum Departure<Post: Sendable>: Sendable {
    /// No slot is concerned.
    case unnoticed
    /// This POST was answered with the visit.
    case handedOver(to: Post)
    /// This POST carries the reply.
    case replying(by: Post)
}

extension HostMachine {
    /// A visitor's request has been read as far as its head.
    ///
    /// - Parameters:
    ///   - ofTable: the visitors that wait at all hosts of its table.
    ///   - everywhere: those that wait at all hosts. A table may take of the room that they leave what it leaves to the
    ///     others, so that one always finds room whose visitors have not been waiting.
    mutating func visitorArrived(
        _ visitor: Visitor, id: VisitID, loop: Int, ofTable: @autoclosure () -> Int = 0,
        everywhere: @autoclosure () -> Int = 0, at now: NIODeadline
    ) -> Placement<Post> {
        if let refusal = standing.refusal { return .refused(refusal) }
        if parked.count == 0 {
            guard isOnline(at: now) else { return .refused(.noSlot) }
            guard waitingCount < limits.queueLimit else { return .refused(.queueFull) }
            guard ofTable() < limits.waitingEverywhere - everywhere() else { return .refused(.relayFull) }
        }
        visits[id] = Visit(visitor: visitor, loop: loop, phase: .waiting(since: now))
        waitingCount += 1
        return place(id, at: now, before: false)
    }

    /// A visit that was handed over is to be handed to another slot: nobody has seen it, or seeing it twice does no harm.
    ///
    /// It waits before those that came later.
    mutating func redeliver(_ id: VisitID, from post: Post?, at now: NIODeadline) -> Placement<Post> {
        guard let visit = visits[id], visit.isRepeatable(from: post) else { return .superseded }
        // Who never got it has not been lost by it; a worker that resets every hand-over has it for so long all the same.
        let mayGoOn = post == nil ? visit.handOvers < limits.handOvers : visit.repeatedUntil.map { now < $0 } ?? true
        guard mayGoOn else { return forget(id, .slotLost) }
        if let refusal = standing.refusal { return forget(id, refusal) }
        visits[id]?.phase = .waiting(since: now)
        visits[id]?.owner = nil
        waitingCount += 1
        expectReturn(at: now)
        return place(id, at: now, before: true)
    }

    /// The visitor is gone, or was answered without a slot's reply.
    ///
    /// - Parameter bodyIsIncomplete: the slot that has the visit is still being sent its body, and its connection will be
    ///   closed: no reply is awaited.
    mutating func visitorLeft(
        _ id: VisitID, bodyIsIncomplete: Bool, at now: NIODeadline
    ) -> Departure<Post> {
        guard let visit = visits[id] else { return .unnoticed }
        switch visit.phase {
        case .waiting:
            removeVisit(id)
            return .unnoticed
        case .handedOver(let post, let headBy):
            if bodyIsIncomplete {
                removeVisit(id)
                expectReturn(at: now)
            } else {
                abandon(id, at: post, until: headBy)
            }
            return .handedOver(to: post)
        case .replying(let post):
            removeVisit(id)
            expectReturn(at: now)
            return .replying(by: post)
        case .interrupted, .abandoned:
            abandon(id, at: nil, until: now + limits.resendWindow)
            return .unnoticed
        }
    }

    /// Finds a slot for a visit that counts as waiting, else queues it.
    private mutating func place(_ id: VisitID, at now: NIODeadline, before: Bool) -> Placement<Post> {
        guard let visit = visits[id] else { return .superseded }
        guard let poll = parked.take(preferring: visit.loop) else {
            if before { queue.prepend(id) } else { queue.append(id) }
            dropStaleQueueEntries()
            return .waits
        }
        waitingCount -= 1
        handOver(id, to: poll.post, slot: poll.slot, at: now)
        return .handOver(to: poll.post)
    }

    private mutating func forget(_ id: VisitID, _ failure: VisitFailure) -> Placement<Post> {
        removeVisit(id)
        return .refused(failure)
    }

    mutating func removeVisit(_ id: VisitID) {
        guard let visit = visits.removeValue(forKey: id) else { return }
        switch visit.phase {
        case .waiting: waitingCount -= 1
        case .abandoned: abandonedCount -= 1
        case .handedOver, .replying, .interrupted: break
        }
    }

    private mutating func abandon(_ id: VisitID, at post: Post?, until end: NIODeadline) {
        guard let visit = visits[id] else { return }
        if case .abandoned = visit.phase {} else { abandonedCount += 1 }
        visits[id]?.phase = .abandoned(at: post, until: end)
    }

    /// Visitors may come and leave faster than slots take them; the queue must not grow with those who left.
    private mutating func dropStaleQueueEntries() {
        guard queue.count > 2 * waitingCount + 64 else { return }
        queue = CircularBuffer(queue.filter(isWaiting))
    }

    /// Whether no slot has the visit or is sending its reply, nor is one looked for.
    func isInterrupted(_ id: VisitID) -> Bool {
        guard case .interrupted = visits[id]?.phase else { return false }
        return true
    }

    func isWaiting(_ id: VisitID) -> Bool {
        guard case .waiting = visits[id]?.phase else { return false }
        return true
    }
}

extension HostMachine.Visit {
    /// Whether the visit is still where the caller saw it fail: at this POST, or nowhere. While a lost connection was told of,
    /// its slot may have polled.
    fileprivate func isRepeatable(from post: Post?) -> Bool {
        switch phase {
        case .handedOver(let holder, _): holder === post
        case .interrupted: true
        case .waiting, .replying, .abandoned: false
        }
    }
}
