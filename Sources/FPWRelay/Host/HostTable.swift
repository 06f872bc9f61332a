import FPWMetrics
import FPWProtocol
import Logging
import NIOCore

/// All hosts by name. Names below a wildcard come into being with their first slot and are forgotten when the last is long
/// gone, or when others need the room.
final class HostTable: Sendable {
    enum Lookup {
        case host(Host)
        /// The name is covered, but no slot has come for it.
        case offline(Site)
        case unknown
    }

    /// What a slot's name and token are good for.
    enum Admission {
        /// The host that it may serve, the table that says so, and which of its tokens it is.
        case granted(Host, Site, Token)
        /// There is no such host, or this is not its token: nobody learns which.
        case refused
        /// The token is right, but the wildcard has as many names as it may have.
        case full(Site, limit: Int)

        var granted: (host: Host, site: Site, token: Token)? {
            guard case .granted(let host, let site, let token) = self else { return nil }
            return (host, site, token)
        }
    }

    private struct Entry {
        let host: Host
        /// The token that made the name; nil where the configuration did.
        let maker: Token?
        let madeAt: NIODeadline
        /// The name stands in the configuration.
        var isLasting: Bool
    }

    private struct State {
        var sites: Sites
        var limits: HostLimits
        var entries: [HostName: Entry] = [:]
        /// Those that came into being below each wildcard.
        var names: [String: WildcardNames] = [:]
        /// Hosts that the configuration covers no more, until the last of their visits has ended.
        var removed: [HostName: Host] = [:]
        /// Patterns that the configuration has no more, until their last host is forgotten.
        var formerPatterns: Set<String> = []

        mutating func forget(_ gone: Set<HostName>) {
            for name in gone { entries[name] = nil }
            for pattern in names.keys { names[pattern]?.remove(gone) }
        }

        /// After names have come under other tables.
        mutating func sortNames() {
            for pattern in names.keys { names[pattern]?.removeAll() }
            for (name, entry) in entries.sorted(by: { $0.value.madeAt < $1.value.madeAt }) where !entry.isLasting {
                guard let site = sites.site(covering: name) else { continue }
                names[site.pattern, default: WildcardNames()].add(name, madeBy: entry.maker)
            }
        }
    }

    /// How long a name is remembered after its last slot.
    private static let memory = TimeAmount.hours(1)
    /// How long a name for which no slot has polled is there: a hello announces a poll.
    private static let greeting = TimeAmount.seconds(2)
    /// How long a name is left to who has few, although no slot is there: one may be about to come.
    private static let arrival = TimeAmount.seconds(15)

    private static let nobodys = [Token("a token that opens no host")]

    private let waiting = WaitingVisitors()
    private let logger: Logger
    private let state: Locked<State>

    init(_ sites: [Site], limits: HostLimits, logger: Logger) {
        self.logger = logger
        state = Locked(State(sites: Sites(sites), limits: limits))
        state.withLock { addLasting(to: &$0) }
    }

    /// Finds a visitor's host by its name.
    func lookUp(_ name: HostName) -> Lookup {
        state.withLock { state in
            if let host = state.entries[name]?.host { return .host(host) }
            return state.sites.site(covering: name).map(Lookup.offline) ?? .unknown
        }
    }

    /// The host that a slot with this token may serve.
    func host(forSlot name: HostName, token: Span<UInt8>, at now: NIODeadline) -> Admission {
        // One lock for all: a reload in between would leave behind a host that its tokens never reach.
        state.withLock { state in
            let entry = state.entries[name]
            let site = entry?.host.site ?? state.sites.site(covering: name)
            // Compared even where there is no such host: the time that it takes does not tell.
            let match = (site?.tokens ?? Self.nobodys).match(for: token)
            guard let site, let match else { return .refused }
            guard let host = entry?.host ?? add(name, site, madeBy: match, to: &state, at: now) else {
                return .full(site, limit: state.limits.namesPerWildcard)
            }
            return .granted(host, site, match)
        }
    }

    /// The host of this name, also one that is there for its last visits only.
    func known(_ name: HostName) -> Host? {
        state.withLock { $0.entries[name]?.host ?? $0.removed[name] }
    }

    var all: [Host] { state.withLock { $0.entries.values.map(\.host) + $0.removed.values } }

    /// Nil: the wildcard has as many names as it may have, and none can go.
    private func add(
        _ name: HostName, _ site: Site, madeBy maker: Token, to state: inout State, at now: NIODeadline
    ) -> Host? {
        var names = state.names.removeValue(forKey: site.pattern) ?? WildcardNames()
        defer { state.names[site.pattern] = names }
        if names.count >= state.limits.namesPerWildcard {
            guard let gone = makeRoom(below: site, for: maker, among: &names, state, at: now) else { return nil }
            state.entries[gone] = nil
        }
        names.add(name, madeBy: maker)
        let host = Host(
            name: name.text, site: site, limits: state.limits, waiting: waiting, commons: names.commons, logger: logger)
        state.entries[name] = Entry(host: host, maker: maker, madeAt: now, isLasting: false)
        return host
    }

    /// Gives up a name that no slot is here for: one token must not keep another out but by slots. Whoever has no more
    /// than an equal share of the names is left those for which slots may be about to come.
    private func makeRoom(
        below site: Site, for asker: Token, among names: inout WildcardNames, _ state: State, at now: NIODeadline
    ) -> HostName? {
        let share = state.limits.namesPerWildcard / max(site.tokens.count, 1)
        return names.makeRoom(for: asker, share: share) { name, isFair in
            guard let entry = state.entries[name] else { return true }
            return !(isFair && now < entry.madeAt + Self.arrival) && entry.host.retire(after: .zero, at: now)
        }
    }

    private func addLasting(to state: inout State) {
        for (name, site) in state.sites.exact where state.entries[name] == nil {
            let host =
                state.removed.removeValue(forKey: name)
                ?? Host(name: name.text, site: site, limits: state.limits, waiting: waiting, logger: logger)
            state.entries[name] = Entry(host: host, maker: nil, madeAt: .uptimeNanoseconds(0), isLasting: true)
        }
    }
}

// MARK: Time

extension HostTable {
    /// Lets every host look at the time; returns the patterns that were removed and whose last host is gone now.
    @discardableResult
    func sweep(at now: NIODeadline) -> Set<String> {
        for host in all { host.sweep(at: now) }
        return state.withLock { state in
            let forgotten = state.entries.filter { _, entry in
                !entry.isLasting && entry.madeAt + Self.greeting <= now
                    && entry.host.retire(after: Self.memory, at: now)
            }
            if !forgotten.isEmpty { state.forget(Set(forgotten.keys)) }
            for (name, host) in state.removed where host.status.isForgettable { state.removed[name] = nil }
            let gone = state.formerPatterns.subtracting(state.removed.values.map(\.site.pattern))
            state.formerPatterns.subtract(gone)
            return gone
        }
    }
}

// MARK: Reload

extension HostTable {
    /// Takes over the tables of a changed configuration. A host that it still covers keeps its polls and visits; one that
    /// it does not cover finishes those it has.
    func apply(_ sites: [Site], limits: HostLimits, at now: NIODeadline) {
        let (kept, removed, limits) = state.withLock { state in
            var limits = limits
            limits.greetingTime = state.limits.greetingTime
            limits.namesPerWildcard = state.limits.namesPerWildcard
            let new = Sites(sites)
            state.formerPatterns.formUnion(state.sites.patterns)
            state.formerPatterns.subtract(new.patterns)
            state.sites = new
            state.limits = limits
            let (kept, removed) = sort(&state, at: now)
            return (kept, removed, limits)
        }
        for (host, site) in kept { host.apply(site, limits) }
        for host in removed { host.remove() }
    }

    /// Moves the hosts to where they belong by the new tables.
    private func sort(_ state: inout State, at now: NIODeadline) -> (kept: [(Host, Site)], removed: [Host]) {
        var removed: [Host] = []
        addLasting(to: &state)
        for (name, host) in state.removed where state.sites.site(covering: name) != nil {
            state.removed[name] = nil
            state.entries[name] = Entry(host: host, maker: nil, madeAt: now, isLasting: false)
        }
        for (name, entry) in state.entries {
            if state.sites.exact[name] != nil {
                state.entries[name]?.isLasting = true
            } else if state.sites.site(covering: name) == nil {
                state.entries[name] = nil
                state.removed[name] = entry.host
                removed.append(entry.host)
            } else if entry.isLasting {
                state.entries[name]?.isLasting = false
            }
        }
        state.sortNames()
        let kept = state.entries.compactMap { name, entry in
            state.sites.site(covering: name).map { (entry.host, $0) }
        }
        return (kept, removed)
    }
}
