import FPWConfig
import FPWService
import FPWTransport
import ServiceLifecycle

/// Runs the tunnels: starts each, and on a graceful shutdown lets each finish what is under way.
final class Supervisor: Service {
    private let loops: [EventLoop]
    private let budget: KeepBudget
    private let metrics: DaemonMetrics
    private let sink: LogSink
    private let drainTimeout: Duration
    /// Known to this process alone: finds a request that comes back to its own tunnel.
    private let loopID = LoopID.make()
    private let tunnels = Locked<[Tunnel]>([])

    init(
        _ config: DaemonConfig, loops: [EventLoop], metrics: DaemonMetrics, sink: LogSink,
        observer: TunnelObserver? = nil
    ) {
        self.loops = loops
        self.metrics = metrics
        self.sink = sink
        budget = KeepBudget(bytes: config.daemon.replyMemory.bytes)
        drainTimeout = config.daemon.drainTimeout
        let started = config.tunnels.map {
            Tunnel(
                $0, loops: loops, budget: budget, metrics: metrics, sink: sink, loopID: loopID, observer: observer)
        }
        tunnels.withLock { $0 = started }
    }

    var current: [Tunnel] { tunnels.withLock { $0 } }

    func run() async throws {
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await runTunnels()
            } onGracefulShutdown: {
                self.drain()
            }
        } onCancel: {
            self.stop(.now)
        }
    }

    private func runTunnels() async {
        await withDiscardingTaskGroup { group in
            for tunnel in current {
                group.addTask { await tunnel.run() }
            }
            // A daemon without a tunnel is one that waits for its configuration.
            if current.isEmpty { group.addTask { try? await gracefulShutdown() } }
        }
    }

    /// Ends by itself: what is under way gets `drain_timeout` to finish.
    private func drain() {
        stop(.drain(since: .now))
        // Outlives this call on purpose: it bounds the wait of `run`, which ends with the last slot, and is without effect
        // after that.
        Task { [drainTimeout] in
            try? await Task.sleep(for: drainTimeout)
            stop(.now)
        }
    }

    private func stop(_ request: StopRequest) {
        for tunnel in current { tunnel.stop(request) }
    }
}

/// Marks requests to upstreams, so that one that comes back is recognised (PROTOCOL.md §5).
enum LoopID {
    static func make() -> String {
        String(UInt64.random(in: .min ... .max), radix: 16)
    }
}
