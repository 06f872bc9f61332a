import FPWConfig
import FPWMetrics
import FPWService
import NIOHTTP1

/// `/status` of the admin listener: JSON, or a table where the client asks for plain text.
struct StatusRoute: Sendable {
    let supervisor: Supervisor
    let metrics: DaemonMetrics

    var answer: AdminRoute {
        { request in
            let report = self.report
            if request.wantsText { return AdminResponse(contentType: "text/plain; charset=utf-8", text: report.table) }
            return AdminResponse(contentType: "application/json", text: report.json)
        }
    }

    private var report: StatusReport {
        let visits = metrics.visitsByTunnel
        return StatusReport(
            version: FPWService.version,
            tunnels: supervisor.current.map { StatusReport.Tunnel($0, visits: visits[$0.config.name] ?? 0) })
    }
}

extension StatusReport.Tunnel {
    init(_ tunnel: Tunnel, visits: Int) {
        self.init(
            name: tunnel.config.name, url: tunnel.publicURL, upstream: "\(tunnel.config.upstream)",
            relay: "\(tunnel.config.relay)", link: tunnel.linkPhase,
            slots: Dictionary(uniqueKeysWithValues: SlotState.allCases.map { ($0, tunnel.metrics.slots[$0].value) }),
            maxSlots: tunnel.config.maxWorkers, visits: visits)
    }
}

extension DaemonMetrics {
    /// The sums over all methods and statuses.
    fileprivate var visitsByTunnel: [String: Int] {
        let family = registry.snapshot().first { $0.declaration.name == "fpwd_visits_total" }
        return (family?.series ?? []).reduce(into: [:]) { sums, series in
            guard let tunnel = series.labelValues.first, case .number(let count) = series.value else { return }
            sums[tunnel, default: 0] += Int(count)
        }
    }
}

extension AdminRequest {
    /// The client asked for plain text, and for nothing else.
    var wantsText: Bool { headers.first(name: "accept")?.hasPrefix("text/plain") == true }
}

extension AdminResponse {
    fileprivate init(contentType: String, text: String) {
        self.init(contentType: contentType, body: .bytes(Array(text.utf8)))
    }
}

extension Readiness {
    /// For people: a line for each tunnel that is not ready, with what it lacks.
    var text: String {
        isReady
            ? "ready"
            : tunnels.filter { !$0.isReady }.map { "\($0.name): \($0.missing)" }.joined(separator: "\n")
    }
}
