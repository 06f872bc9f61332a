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
        /// An hour from when a slot with a right token last came, soon where one has said hello only; never where the host
        /// is lasting.
        var keptUntil: NIODeadline
        /// The name stands in the configuration.
        var isLasting: Bool
    }

    private struct State {
        var sites: Sites
        var limits: HostLimits
        var entries: [HostName: Entry] = [:]
        /// How many of them came into being below each wildcard.
        var names: [String: Int] = [:]
        /// Hosts that the configuration covers no more, until the last of their visits has ended.
        var removed: [HostName: Host] = [:]
        /// The last search for names to forget found none.
        var nextSearch = NIODeadline.uptimeNanoseconds(0)
        /// Patterns that the configuration has no more, until their last host is forgotten.
        var formerPatterns: Set<String> = []

        /// After names have gone, or have come under other tables.
        mutating func countNames() {
            names = [:]
            for (name, entry) in entries where !entry.isLasting {
                if let site = sites.site(covering: name) { names[site.pattern, default: 0] += 1 }
            }
        }
    }

    /// How long a name is remembered after its last slot.
    private static let memory = TimeAmount.hours(1)
    /// How long a name is there for the poll that a hello announces.
    private static let greeting = TimeAmount.seconds(2)
    /// Longer than a slot's POST is on its way between being let in and being parked.
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
    ///
    /// - Parameter isHello: the slot only announces itself.
    func host(
        forSlot name: HostName, token: Span<UInt8>, isHello: Bool = false, at now: NIODeadline
    ) -> Admission {
        // One lock for all: a reload in between would leave behind a host that its tokens never reach.
        state.withLock { state in
            let entry = state.entries[name]
            let site = entry?.host.site ?? state.sites.site(covering: name)
            // Compared even where there is no such host: the time that it takes does not tell.
            let match = (site?.tokens ?? Self.nobodys).match(for: token)
            guard let site, let match else { return .refused }
            guard let host = entry?.host ?? add(name, site, to: &state, until: now + Self.greeting, at: now) else {
                return .full(site, limit: state.limits.namesPerWildcard)
            }
            if entry?.isLasting != true, !isHello { state.entries[name]?.keptUntil = now + Self.memory }
            return .granted(host, site, match)
        }
    }

    /// The host of this name, also one that is there for its last visits only.
    func known(_ name: HostName) -> Host? {
        state.withLock { $0.entries[name]?.host ?? $0.removed[name] }
    }

    var all: [Host] { state.withLock { $0.entries.values.map(\.host) + $0.removed.values } }

    /// Nil: the wildcard has its share of names.
    private func add(
        _ name: HostName, _ site: Site, to state: inout State, until end: NIODeadline, at now: NIODeadline
    ) -> Host? {
        if state.names[site.pattern, default: 0] >= state.limits.namesPerWildcard {
            makeRoom(below: site.pattern, in: &state, at: now)
        }
        guard state.names[site.pattern, default: 0] < state.limits.namesPerWildcard else { return nil }
        state.names[site.pattern, default: 0] += 1
        let host = Host(name: name.text, site: site, limits: state.limits, waiting: waiting, logger: logger)
        state.entries[name] = Entry(host: host, keptUntil: end, isLasting: false)
        return host
    }

    /// Forgets the older half of a wildcard's names of which no slot is here: one token's must not keep out another's.
    private func makeRoom(below pattern: String, in state: inout State, at now: NIODeadline) {
        guard state.nextSearch <= now else { return }
        let settled = now + Self.memory - Self.arrival
        let idle = state.entries.filter { name, entry in
            !entry.isLasting && entry.keptUntil <= settled && state.sites.site(covering: name)?.pattern == pattern
                && entry.host.status.isForgettable
        }
        // A search costs a look at every name: half at once, and none for a while where it was in vain.
        let ends = idle.values.map(\.keptUntil).sorted()
        guard !ends.isEmpty else { return state.nextSearch = now + .seconds(1) }
        let newest = ends[(ends.count - 1) / 2]
        for (name, entry) in idle where entry.keptUntil <= newest { state.entries[name] = nil }
        state.countNames()
    }

    private func addLasting(to state: inout State) {
        for (name, site) in state.sites.exact where state.entries[name] == nil {
            let host =
                state.removed.removeValue(forKey: name)
                ?? Host(name: name.text, site: site, limits: state.limits, waiting: waiting, logger: logger)
            state.entries[name] = Entry(host: host, keptUntil: .distantFuture, isLasting: true)
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
            let old = state.entries.filter { !$0.value.isLasting && $0.value.keptUntil <= now }
            for (name, entry) in old where entry.host.status.isForgettable { state.entries[name] = nil }
            if !old.isEmpty { state.countNames() }
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
            state.entries[name] = Entry(host: host, keptUntil: now + Self.memory, isLasting: false)
        }
        for (name, entry) in state.entries {
            if state.sites.exact[name] != nil {
                state.entries[name]?.isLasting = true
            } else if state.sites.site(covering: name) == nil {
                state.entries[name] = nil
                state.removed[name] = entry.host
                removed.append(entry.host)
            } else if entry.isLasting {
                state.entries[name] = Entry(host: entry.host, keptUntil: now + Self.memory, isLasting: false)
            }
        }
        state.countNames()
        let kept = state.entries.compactMap { name, entry in
            state.sites.site(covering: name).map { (entry.host, $0) }
        }
        return (kept, removed)
    }
}
