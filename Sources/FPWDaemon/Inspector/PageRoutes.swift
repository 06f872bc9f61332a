import FPWConfig
import FPWMetrics
import FPWService

/// What the status page asks fpwd for.
struct PageRoutes: Sendable {
    let program: PageProgram
    let supervisor: Supervisor
    let metrics: DaemonMetrics
    let readiness: @Sendable () -> Readiness
    let inspector: Inspector
    let replayer: Replayer

    var table: [String: AdminRoute] {
        [
            "/": .statusPage,
            "/ui/state": .page { .json(state(for: $0)) },
            "/ui/visits/*": .page { detail(for: $0) },
            "/ui/visits/*/send": .change { await sent(for: $0) },
        ]
    }

    private func detail(for request: AdminRequest) -> AdminResponse {
        guard let detail = inspector.detail(request.number ?? 0) else { return .refused(.noLongerKept) }
        return .json(detail)
    }

    private func sent(for request: AdminRequest) async -> AdminResponse {
        guard let edit = JSON.value(ReplayRequest.Edit.self, from: request.body) else {
            return .failure(400, "the message is not what the page sends")
        }
        do throws(ReplayRequest.Refusal) {
            let number = try await inspector.sendAgain(
                request.number ?? 0, edit, by: replayer, tunnels: supervisor.current)
            return .json(["id": number])
        } catch {
            return .refused(error)
        }
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

extension AdminResponse {
    fileprivate static func refused(_ refusal: ReplayRequest.Refusal) -> AdminResponse {
        .failure(refusal.status, refusal.reason)
    }
}
