import NIOCore

extension HostMachine {
    /// The relay goes down: stops taking visitors and polls; replies are still taken.
    mutating func goDown() -> [HostAction<Visitor, Post>] {
        close(as: .goingDown, HostAction.dismissPoll)
    }

    /// The configuration names the host no more: the same, but its slots are told to poll again, and then that nobody
    /// knows them.
    mutating func remove() -> [HostAction<Visitor, Post>] {
        close(as: .removed, HostAction.expirePoll)
    }

    /// The configuration names the host again.
    mutating func restore() {
        if standing == .removed { standing = .open }
    }

    /// The name is to be forgotten: what still comes for this host is told to come again. False, and nothing changed, where
    /// a slot or a visitor is here, or a slot has polled within `silence`.
    mutating func retire(after silence: TimeAmount, at now: NIODeadline) -> Bool {
        guard isDeserted, polledAt.map({ $0 + silence <= now }) ?? true else { return false }
        for id in visits.keys { removeVisit(id) }
        expectedUntil = nil
        if standing == .open { standing = .removed }
        return true
    }

    /// Lets go the parked polls that are not admitted any more.
    mutating func letGo(unless isAdmitted: (Post) -> Bool) -> [HostAction<Visitor, Post>] {
        let polls = parked.removeAll { !isAdmitted($0.post) } + claiming.removeAll { !isAdmitted($0.post) }
        return polls.map(HostAction.expirePoll)
    }

    private mutating func close(
        as standing: Standing, _ dismissal: (Post) -> HostAction<Visitor, Post>
    ) -> [HostAction<Visitor, Post>] {
        guard let failure = standing.refusal else { return [] }
        self.standing = standing
        let dismissed = parked.removeAll { _ in true } + claiming.removeAll { _ in true }
        let waiting = visits.filter { isWaiting($0.key) }
        for id in waiting.keys { removeVisit(id) }
        queue.removeAll()
        return dismissed.map(dismissal) + waiting.values.map { .fail($0.visitor, failure) }
    }
}
