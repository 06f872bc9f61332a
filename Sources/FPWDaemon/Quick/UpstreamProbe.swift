import FPWService
import FPWTransport

/// Asks the local service for its front page's head until it answers, on an event loop of its own.
struct UpstreamProbe {
    private static let pause = Duration.seconds(2)

    let endpoint: Endpoint
    /// What visitors' requests will carry: a service that refuses the name shows it here.
    let host: String
    let limit: Duration

    /// Reports the first finding, and each that differs from the one before; returns after a good one, or when cancelled.
    func run(report: (UpstreamFinding) -> Void) async throws {
        let loop = try EventLoop()
        defer { loop.shutdown() }
        var last: UpstreamFinding?
        while last?.isGood != true {
            let finding = try await withTaskExecutorPreference(loop) { try await ask(on: loop) }
            if finding.isNews(after: last) { report(finding) }
            last = finding
            if !finding.isGood { try await Task.sleep(for: Self.pause) }
        }
    }

    private func ask(on loop: EventLoop) async throws -> UpstreamFinding {
        let waiter = Waiter(loop: loop)
        let transfer = try Transfer(loop: loop, endpoint: endpoint, waiter: waiter)
        var lines = HeaderLines()
        lines.append("host", host)
        lines.append("user-agent", "fpwd/\(FPWService.version)")
        transfer.start(.init(method: "HEAD", headers: lines))
        let deadline = Moment.now + limit
        while !transfer.hasHead, transfer.isRunning {
            // A cancellation comes from another thread and fires no waiter.
            try Task.checkCancellation()
            guard deadline > .now else { return .silent(within: limit) }
            await waiter.sleep(until: min(deadline, .now + .milliseconds(100)))
        }
        if transfer.hasHead { return .answers(status: transfer.status) }
        return .failed(transfer.failure ?? TransferFailure(.other, detail: "no answer"))
    }
}

extension UpstreamFinding {
    /// The details of the same failure, a time above all, differ from try to try.
    fileprivate func isNews(after last: UpstreamFinding?) -> Bool {
        switch (self, last) {
        case (.failed(let failure), .failed(let known)): failure.kind != known.kind
        case (_, let last): self != last
        }
    }
}
