import FPWConfig
import FPWMetrics
import FPWService

/// `/status` of the admin listener: JSON, or a table where the client asks for plain text.
struct StatusRoute: Sendable {
    let supervisor: Supervisor
    let metrics: DaemonMetrics

    var answer: AdminRoute {
        { request in
            let report = self.report
            return request.answer(report, asText: report.table)
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
