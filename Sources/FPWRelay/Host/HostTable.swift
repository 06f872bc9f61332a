import FPWMetrics
import FPWProtocol
import FPWService
import Logging
import NIOCore

/// All hosts by name. Names below a wildcard come into being with their first slot and are forgotten when the last is long
/// gone.
final class HostTable: Sendable {
    enum Lookup {
        case host(Host)
        /// The name is covered, but no slot has come for it.
        case offline(Site)
        case unknown
    }

    private struct Entry {
        let host: Host
        /// When a slot last came.
        var usedAt: NIODeadline
        /// The name stands in the configuration.
        let isLasting: Bool
    }

    /// Longer than a slot's POST can be on its way between being let in and being parked.
    private static let memory = TimeAmount.hours(1)

    private let wildcards: [Site]
    private let limits: HostLimits
    private let logger: Logger
    private let entries: Locked<[HostName: Entry]>

    init(_ sites: [Site], limits: HostLimits, logger: Logger) {
        self.limits = limits
        self.logger = logger
        // The longest pattern is the closest match.
        wildcards = sites.filter(\.isWildcard).sorted { $0.pattern.utf8.count > $1.pattern.utf8.count }
        var entries: [HostName: Entry] = [:]
        for site in sites where !site.isWildcard {
            guard let name = HostName(site.pattern.utf8) else { continue }
            let host = Host(name: name.text, site: site, limits: limits, logger: logger)
            entries[name] = Entry(host: host, usedAt: .distantFuture, isLasting: true)
        }
        self.entries = Locked(entries)
    }

    /// Finds a visitor's host by its name.
    func lookUp(_ name: HostName) -> Lookup {
        if let host = entries.withLock({ $0[name]?.host }) { return .host(host) }
        return site(covering: name).map(Lookup.offline) ?? .unknown
    }

    /// The host that a slot with this token may serve; nil where there is none, whatever the reason.
    func host(forSlot name: HostName, token: some Collection<UInt8>, at now: NIODeadline) -> Host? {
        let known = entries.withLock { entries in
            entries[name]?.usedAt = now
            return entries[name]?.host
        }
        guard let site = known?.site ?? site(covering: name), site.tokens.containsMatch(for: token) else { return nil }
        return known ?? add(name, site, at: now)
    }

    var all: [Host] { entries.withLock { $0.values.map(\.host) } }

    /// Lets every host look at the time.
    func sweep(at now: NIODeadline) {
        for host in all { host.sweep(at: now) }
        let old = entries.withLock { $0.filter { !$0.value.isLasting && $0.value.usedAt + Self.memory <= now } }
        for (name, entry) in old where entry.host.status.isForgettable {
            entries.withLock { $0[name] = nil }
        }
    }

    private func site(covering name: HostName) -> Site? {
        wildcards.first { name.matches($0.pattern) }
    }

    private func add(_ name: HostName, _ site: Site, at now: NIODeadline) -> Host {
        entries.withLock { entries in
            if let entry = entries[name] { return entry.host }
            let host = Host(name: name.text, site: site, limits: limits, logger: logger)
            entries[name] = Entry(host: host, usedAt: now, isLasting: false)
            return host
        }
    }
}
