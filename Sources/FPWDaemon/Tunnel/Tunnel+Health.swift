import FPWConfig
import FPWMetrics
import FPWTransport

// What the health checks of the tunnel's upstream mean for its visits and slots.
extension Tunnel {
    /// The service that a visit goes to first; nil: none, it is known to be down.
    var firstTarget: UpstreamChoice.Target? { choice.first(isDown: health.isDown) }

    func service(_ target: UpstreamChoice.Target) -> UpstreamService {
        switch target {
        case .primary: upstream
        case .fallback: fallback ?? upstream
        }
    }

    /// The visit goes to the fallback because there was no connection.
    func fellBack(_ fault: UpstreamFault) {
        reports.fellBack(fault, to: service(.fallback).address)
    }

    /// Checks the upstream's health until the tunnel is stopped; on the loop.
    func checkHealth(on loop: EventLoop) async {
        guard let path = config.healthPath else { return }
        do throws(TransferFailure) {
            let check = try HealthCheck(path, of: upstream, config, loop: loop)
            guard watch(HealthCheckHandle(check, on: loop)) else { return }
            await check.run { take($0) }
        } catch {
            reports.cannotCheckHealth(error)
        }
    }

    private func take(_ finding: UpstreamHealth.Finding) {
        let (change, health) = note(finding)
        metrics.upstreamUp().set(health.isDown ? 0 : 1)
        if let change { reports.health(change, refuses: choice.refuses(isDown: health.isDown)) }
    }
}
