import FPWService

/// What fpw-relay's admin listener answers.
struct AdminRoutes {
    let relay: Relay

    var table: [String: AdminRoute] {
        let relay = relay
        let own: [String: AdminRoute] = [
            "/metrics": .metrics(relay.metrics.registry),
            "/healthz": .health { _ in .text("ok") },
            "/status": .machine { request in
                let report = StatusReport(relay.hosts.all)
                return request.answer(report, asText: report.table)
            },
            "/readyz": .health { request in
                let readiness = Readiness(
                    isReady: !relay.isGoingDown, isFileInUse: relay.metrics.reloads.isSuccessful)
                return request.answer(readiness, asText: readiness.text, status: readiness.isReady ? 200 : 503)
            },
        ]
        return own.merging(PageRoutes(relay).table) { own, _ in own }
    }
}

/// Whether visitors are taken.
struct Readiness: Encodable {
    private enum Key: String, CodingKey {
        case ready, missing, notice
    }

    let isReady: Bool
    /// The configuration on disk is the running one.
    var isFileInUse = true

    var text: String {
        [missing ?? "ready", notice].compactMap(\.self).joined(separator: "\n")
    }

    /// What the operator should know although it keeps nobody from being served; nil: nothing.
    var notice: String? {
        isFileInUse ? nil : "the configuration file has errors: an older one is in use"
    }

    private var missing: String? { isReady ? nil : "the relay is going down" }

    /// `missing` is null where nothing is.
    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(isReady, forKey: .ready)
        try object.encode(missing, forKey: .missing)
        try object.encode(notice, forKey: .notice)
    }
}

/// The hosts and their slots.
struct StatusReport: Encodable, Equatable {
    struct Entry: Encodable, Equatable {
        let name: String
        /// Polls that wait for a visitor.
        let parked: Int
        /// Visits under way.
        let busy: Int
        /// Visitors who wait for a slot.
        let waiting: Int
    }

    let version: String
    let hosts: [Entry]

    init(_ hosts: [Host]) {
        version = FPWService.version
        self.hosts = hosts.sorted { $0.name < $1.name }.map { host in
            let status = host.status
            return Entry(name: host.name, parked: status.parked, busy: status.busy, waiting: status.waiting)
        }
    }

    /// In one line, for `systemctl status`: wanted each second, hence without the order that a table needs.
    ///
    /// - Parameter file: the configuration, where it has no host.
    static func line(_ hosts: [Host], noneIn file: String? = nil) -> String {
        if let file { return "no host configured, edit \(file)" }
        func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
        let statuses = hosts.map(\.status)
        let slots = statuses.reduce(0) { $0 + $1.parked + $1.busy }
        let waiting = statuses.reduce(0) { $0 + $1.waiting }
        return "\(count(hosts.count, "host")), \(count(slots, "slot")), \(count(waiting, "visitor")) waiting"
    }

    /// For people.
    var table: String {
        guard !hosts.isEmpty else { return "no host is known yet" }
        let rows = hosts.map { [$0.name, "\($0.parked)", "\($0.busy)", "\($0.waiting)"] }
        return TextTable.lines([["HOST", "PARKED", "BUSY", "WAITING"]] + rows).joined(separator: "\n")
    }
}
