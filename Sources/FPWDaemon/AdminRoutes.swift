import FPWConfig
import FPWMetrics
import FPWService

/// What the daemon's admin listener answers.
struct AdminRoutes: Sendable {
    let supervisor: Supervisor
    let metrics: DaemonMetrics
    let readiness: @Sendable () -> Readiness
    let page: PageRoutes

    var table: [String: AdminRoute] {
        let own: [String: AdminRoute] = [
            "/metrics": .metrics(metrics.registry),
            "/healthz": .health { _ in .text("ok") },
            "/status": .machine(StatusRoute(supervisor: supervisor, metrics: metrics).answer),
            "/readyz": .health { request in
                let readiness = self.readiness()
                return request.answer(readiness, asText: readiness.text, status: readiness.isReady ? 200 : 503)
            },
        ]
        return own.merging(page.table) { own, _ in own }
    }
}
