import FPWProtocol
import NIOCore

// MARK: A visit whose connection serves others too

extension SlotPost {
    /// The next slot's POST has come on the connection that the visit was delivered on: whether the connection's end still
    /// tells anything of the visit.
    ///
    /// It does where a worker shares its connections between its slots: what the slot sends next comes on another.
    func outlives(_ next: SlotPost) -> Bool {
        guard let slot, let nextSlot = next.slot, !isProxied, !isAbandoned else { return false }
        if case .draining = next.state {} else if nextSlot == slot { return false }
        isOvertaken = true
        return true
    }

    /// The visit is answered, or goes to another slot.
    func released(by visitor: Visitor) {
        isReleased = true
        guard case .delivered(let current) = state, current === visitor else { return }
        state = .over
        connection.forget(self)
        if isOvertaken { connection.relay.forget(orphan: self) }
    }

    /// The visitor has left: the visit is awaited, and goes nowhere else.
    func abandoned(by visitor: Visitor) {
        isAbandoned = true
        if isOvertaken { released(by: visitor) }
    }

    /// The connection has been closed, and now the last one of the worker's address.
    func workerLost() {
        guard case .delivered(let visitor) = state else { return }
        state = .over
        lose(visitor, .seen)
    }
}

// MARK: A slot that may be dead

extension SlotPost {
    /// A slot of the same host does not acknowledge its visit: is this one there?
    func probe() {
        guard case .parked = state, probedAt == nil else { return }
        probedAt = .now()
        connection.probe.begin()
    }

    func endProbe(at now: NIODeadline) {
        guard let probedAt, probedAt + Self.probeTime <= now else { return }
        if endProbe() { host?.doubt(self) }
    }

    /// To be called too when it is parked no more: its connection serves on. Returns whether the peer has left the probe
    /// unanswered.
    @discardableResult
    func endProbe() -> Bool {
        guard probedAt != nil else { return false }
        probedAt = nil
        return connection.probe.end()
    }
}
