import FPWProtocol
import FPWService
import Logging
import NIOCore

/// All hosts by name. Names below a wildcard come into being with their first slot and are forgotten when it is long gone.
final class HostTable: Sendable {
    enum Lookup {
        case host(Host)
        /// The name is covered, but no slot has come for it.
        case offline(Site)
        case unknown
    }

    private let wildcards: [Site]
    private let limits: HostLimits
    private let logger: Logger
    private let hosts: Locked<[HostName: Host]>

    init(_ sites: [Site], limits: HostLimits, logger: Logger) {
        self.limits = limits
        self.logger = logger
        // The longest pattern is the closest match.
        wildcards = sites.filter { $0.pattern.hasPrefix("*.") }.sorted { $0.pattern.utf8.count > $1.pattern.utf8.count }
        let exact = sites.filter { !$0.pattern.hasPrefix("*.") }
        hosts = Locked(
            Dictionary(
                exact.compactMap { site in
                    HostName(site.pattern.utf8).map {
                        ($0, Host(name: $0.text, site: site, limits: limits, logger: logger))
                    }
                },
                uniquingKeysWith: { first, _ in first }))
    }

    /// Finds a visitor's host by its name.
    func lookUp(_ name: HostName) -> Lookup {
        if let host = hosts.withLock({ $0[name] }) { return .host(host) }
        return site(covering: name).map(Lookup.offline) ?? .unknown
    }

    /// The host that a slot with this token may serve; nil where there is none, whatever the reason.
    func host(forSlot name: HostName, token: some Collection<UInt8>) -> Host? {
        let known = hosts.withLock { $0[name] }
        guard let site = known?.site ?? site(covering: name), site.tokens.containsMatch(for: token) else {
            return nil
        }
        return known
            ?? hosts.withLock { hosts in
                if let host = hosts[name] { return host }
                let host = Host(name: name.text, site: site, limits: limits, logger: logger)
                hosts[name] = host
                return host
            }
    }

    private func site(covering name: HostName) -> Site? {
        wildcards.first { name.matches($0.pattern) }
    }

    var all: [Host] { hosts.withLock { Array($0.values) } }

    /// Lets every host look at the time.
    func sweep(at now: NIODeadline) {
        for host in all { host.sweep(at: now) }
    }
}
