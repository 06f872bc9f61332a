import FPWConfig
import FPWMetrics
import FPWProtocol
import FPWService
import FPWTransport
import ServiceLifecycle

/// Sends kept requests to their tunnels' upstreams again, a few at a time.
struct Replayer: Sendable {
    /// So many at once.
    static let limit = 8

    private let loops: [EventLoop]
    private let captures: KeepBudget
    private let running = Locked(0)

    /// - Parameters:
    ///   - loops: the daemon's; they outlive this.
    ///   - captures: bounds the copies of answers under way.
    init(loops: [EventLoop], captures: KeepBudget) {
        self.loops = loops
        self.captures = captures
    }

    /// Sends a request to the service that a visit would go to now, and waits for its answer; it is given up where the daemon is
    /// told to stop.
    func send(_ request: ReplayRequest, to tunnel: Tunnel) async throws(ReplayRequest.Refusal) -> Replay.Result {
        guard take() else {
            throw ReplayRequest.Refusal(status: 429, reason: "\(Self.limit) requests are being sent again already")
        }
        defer { running.withLock { $0 -= 1 } }
        guard let target = tunnel.firstTarget else {
            throw ReplayRequest.Refusal(status: 503, reason: "the upstream is not asked: \(UpstreamFault.down.detail)")
        }
        do {
            let result = try await perform(request, tunnel, at: target)
            guard result.isUnreachable, let next = tunnel.choice.next(after: target) else { return result }
            return try await perform(request, tunnel, at: next)
        } catch {
            throw ReplayRequest.Refusal(status: 503, reason: "\(error)")
        }
    }

    private func take() -> Bool {
        running.withLock { running in
            guard running < Self.limit else { return false }
            running += 1
            return true
        }
    }

    private func perform(
        _ request: ReplayRequest, _ tunnel: Tunnel, at target: UpstreamChoice.Target
    ) async throws -> Replay.Result {
        let service = tunnel.service(target)
        let request = tunnel.config.hostHeader == .upstream ? request.naming(service, of: tunnel) : request
        let loop = loops[Int.random(in: loops.indices)]
        let handle = ReplayHandle(loop)
        return try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await withTaskExecutorPreference(loop) {
                    let replay = try Replay(to: service.endpoint, captures: captures, on: loop)
                    handle.take(replay)
                    return await replay.run(request, limits: tunnel.limits)
                }
            } onGracefulShutdown: {
                handle.end()
            }
        } onCancel: {
            handle.end()
        }
    }
}

/// A replay as other threads see it: it is told to end on its loop.
private final class ReplayHandle: @unchecked Sendable {
    private let loop: EventLoop
    // Touched on the loop only.
    private weak var replay: Replay?
    private var isEnded = false

    init(_ loop: EventLoop) { self.loop = loop }

    /// On the loop. The end may have come before.
    func take(_ replay: Replay) {
        self.replay = replay
        if isEnded { replay.end() }
    }

    func end() {
        loop.execute {
            self.isEnded = true
            self.replay?.end()
        }
    }
}

extension ReplayRequest {
    /// The visit may have been answered by the tunnel's other service, whose name its `Host` has.
    fileprivate func naming(_ service: UpstreamService, of tunnel: Tunnel) -> ReplayRequest {
        let services = [tunnel.upstream, tunnel.fallback].compactMap(\.self)
        return naming(service.address.authority, insteadOf: services.map(\.address.authority))
    }
}
