import FPWProtocol

/// The `[host."NAME"]` tables of one configuration.
struct Sites: Sendable {
    let exact: [HostName: Site]
    /// The longest pattern first: it is the closest match.
    private let wildcards: [Site]

    init(_ sites: [Site]) {
        wildcards = sites.filter(\.isWildcard).sorted { $0.pattern.utf8.count > $1.pattern.utf8.count }
        let names = sites.filter { !$0.isWildcard }.compactMap { site in
            HostName(site.pattern.utf8).map { ($0, site) }
        }
        exact = Dictionary(names) { first, _ in first }
    }

    var patterns: [String] { (exact.values + wildcards).map(\.pattern) }

    /// The table that covers a name: its own, else the closest wildcard.
    func site(covering name: HostName) -> Site? {
        exact[name] ?? wildcards.first { name.matches($0.pattern) }
    }
}
