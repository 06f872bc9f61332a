import FPWConfig
import FPWMetrics
import FPWService

/// What the daemon's admin listener answers.
struct AdminRoutes: Sendable {
    let supervisor: Supervisor
    let metrics: DaemonMetrics
    let readiness: @Sendable () -> Readiness

    var table: [String: AdminRoute] {
        [
            "/metrics": { _ in .metrics(metrics.registry) },
            "/healthz": { _ in .text("ok") },
            "/status": StatusRoute(supervisor: supervisor, metrics: metrics).answer,
            "/readyz": { request in
                let readiness = self.readiness()
                return request.answer(readiness, asText: readiness.text, status: readiness.isReady ? 200 : 503)
            },
        ]
    }
}
