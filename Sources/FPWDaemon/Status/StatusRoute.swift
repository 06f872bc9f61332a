import FPWConfig
import FPWMetrics
import FPWService

/// `/status` of the admin listener: JSON, or a table where the client asks for plain text.
struct StatusRoute: Sendable {
    let supervisor: Supervisor
    let metrics: DaemonMetrics

    var answer: AdminRoute.Answer {
        { request in
            let report = self.report
            return request.answer(report, asText: report.table)
        }
    }

    private var report: StatusReport {
        let visits = metrics.visitCounts
        return StatusReport(
            version: FPWService.version,
            tunnels: supervisor.current.map { StatusReport.Tunnel($0, visits: visits[$0.config.name]?.all ?? 0) })
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
