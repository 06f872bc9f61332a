import FPWConfig
import FPWMetrics
import FPWService

/// What the status page asks fpwd for.
struct PageRoutes: Sendable {
    let program: PageProgram
    let supervisor: Supervisor
    let metrics: DaemonMetrics
    let readiness: @Sendable () -> Readiness

    var table: [String: AdminRoute] {
        ["/": .statusPage, "/ui/state": .page { .json(state(for: $0)) }]
    }

    private func state(for request: AdminRequest) -> PageState<PageTunnel> {
        let visits = metrics.visitCounts
        let readiness = readiness()
        return .fpwd(
            program, ready: readiness.isReady, problem: readiness.notice,
            tunnels: supervisor.current.map { PageTunnel($0, visits: visits[$0.config.name] ?? VisitCount()) },
            for: request)
    }
}
