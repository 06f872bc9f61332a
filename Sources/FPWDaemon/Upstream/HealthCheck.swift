import FPWConfig
import FPWService
import FPWProtocol
import FPWTransport

/// Asks an upstream's health path again and again. Belongs to its event loop.
final class HealthCheck {
    /// How long one answer may take; no longer than a visit's.
    private static let patience = Duration.seconds(5)

    private let transfer: Transfer
    private let waiter: Waiter
    private let target: RequestTarget
    private let lines: HeaderLines
    private let interval: Duration
    private let limit: Duration
    private var isEnded = false

    init(_ path: RequestTarget, of service: UpstreamService, _ config: TunnelConfig, loop: EventLoop)
        throws(TransferFailure)
    {
        waiter = Waiter(loop: loop)
        transfer = try Transfer(loop: loop, endpoint: service.endpoint, waiter: waiter)
        target = path
        var lines = HeaderLines()
        lines.replaceAll(with: service.forwarding.ownFields(userAgent: "fpwd/\(FPWService.version)"))
        self.lines = lines
        interval = config.healthInterval
        limit = min(Self.patience, config.upstreamTimeout)
    }

    /// Reports the finding of every check, until it is told to end.
    func run(report: (UpstreamHealth.Finding) -> Void) async {
        while !isEnded {
            let next = Moment.now + interval
            let finding = await check()
            guard !isEnded else { return }
            report(finding)
            _ = await waiter.wait(until: next) { isEnded }
        }
    }

    /// On its loop.
    func end() {
        isEnded = true
        waiter.fire()
    }

    private func check() async -> UpstreamHealth.Finding {
        transfer.start(.init(method: Method.get.name, target: target.bytes, headers: lines))
        defer { transfer.cancel() }
        let isInTime = await waiter.wait(until: .now + limit) { [transfer] in
            isEnded || transfer.hasHead || !transfer.isRunning
        }
        guard isInTime else { return .failed("no answer within \(limit.inSeconds)") }
        if transfer.hasHead { return UpstreamHealth.Finding(status: transfer.status) }
        return .failed(transfer.failure?.detail ?? "no answer")
    }
}

/// A health check as other threads see it: it is told to end on its loop.
final class HealthCheckHandle: @unchecked Sendable {
    private let loop: EventLoop
    // Read on the loop only, where the check also ends.
    private weak var check: HealthCheck?

    init(_ check: HealthCheck, on loop: EventLoop) {
        self.check = check
        self.loop = loop
    }

    func end() {
        loop.execute { self.check?.end() }
    }
}
