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

    var health: UpstreamHealth { shared.withLock { $0.health } }

    /// Keeps the check, to be ended with the tunnel; false where that has stopped already.
    private func watch(_ check: HealthCheckHandle) -> Bool {
        shared.withLock { shared in
            shared.healthCheck = check
            return shared.state.stop == .none
        }
    }

    /// Takes in what a check found, and opens or closes the slots where that is asked for.
    private func note(_ finding: UpstreamHealth.Finding) -> (UpstreamHealth.Change?, UpstreamHealth) {
        let (change, health, opened, closing) = shared.withLock { [choice] shared in
            let change = shared.health.checked(finding)
            let refuses = choice.refuses(isDown: shared.health.isDown)
            let isOpening = !refuses && shared.state.refusingSince != nil
            let isClosing = refuses && shared.state.refusingSince == nil
            let opened = isOpening ? shared.state.accept() : 0
            if isClosing { shared.state.refuse(at: .now) }
            return (change, shared.health, opened, isClosing ? Array(shared.slots.values) : [])
        }
        for slot in closing { slot.end(.drain(since: .now)) }
        if opened > 0 { growth.continuation.yield(opened) }
        return (change, health)
    }
}
