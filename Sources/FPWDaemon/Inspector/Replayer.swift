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
    private let running = Locked(0)

    /// - Parameter loops: the daemon's; they outlive this.
    init(loops: [EventLoop]) { self.loops = loops }

    /// Sends a request and waits for its answer; it is given up where the daemon is told to stop.
    func send(_ request: ReplayRequest, to tunnel: Tunnel) async throws(ReplayRequest.Refusal) -> Replay.Result {
        guard take() else {
            throw ReplayRequest.Refusal(status: 429, reason: "\(Self.limit) requests are being sent again already")
        }
        defer { running.withLock { $0 -= 1 } }
        do {
            return try await perform(request, tunnel)
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

    private func perform(_ request: ReplayRequest, _ tunnel: Tunnel) async throws -> Replay.Result {
        let loop = loops[Int.random(in: loops.indices)]
        let handle = ReplayHandle(loop)
        return try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await withTaskExecutorPreference(loop) {
                    let replay = try Replay(to: tunnel.upstream.endpoint, on: loop)
                    handle.replay = replay
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
    weak var replay: Replay?

    init(_ loop: EventLoop) { self.loop = loop }

    func end() {
        loop.execute { self.replay?.end() }
    }
}
