import FPWConfig
import FPWMetrics
import FPWService
import FPWTransport
import ServiceLifecycle

/// Runs the tunnels: starts each, exchanges them at a reload, and on a graceful shutdown lets each finish what is under way.
final class Supervisor: Service {
    /// How long a changed tunnel's slots may take to open before those of its predecessor close all the same.
    private static let successionLimit = Duration.seconds(10)

    private struct State {
        var config: DaemonConfig
        /// What the configuration asks for.
        var tunnels: [Tunnel] = []
        /// Those that still finish what they have begun.
        var retiring: [Tunnel] = []
        var isStopping = false
    }

    private enum Job {
        case run(Tunnel)
        case retire(Tunnel, successor: Tunnel?)
    }

    private let loops: [EventLoop]
    private let budget: KeepBudget
    private let metrics: DaemonMetrics
    private let sink: LogSink
    private let observer: TunnelObserver?
    /// Known to this process alone: finds a request that comes back to its own tunnel.
    private let loopID = LoopID.make()
    private let state: Locked<State>
    private let jobs = AsyncStream<Job>.makeStream()

    init(
        _ config: DaemonConfig, loops: [EventLoop], metrics: DaemonMetrics, sink: LogSink,
        observer: TunnelObserver? = nil
    ) {
        self.loops = loops
        self.metrics = metrics
        self.sink = sink
        self.observer = observer
        budget = KeepBudget(bytes: config.daemon.replyMemory.bytes)
        state = Locked(State(config: config))
        for tunnel in config.tunnels { start(tunnel) }
    }

    var current: [Tunnel] { state.withLock { $0.tunnels } }

    func run() async throws {
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await carryOut()
            } onGracefulShutdown: {
                self.drain()
            }
        } onCancel: {
            self.stop(.now)
        }
    }

    private func carryOut() async {
        await withDiscardingTaskGroup { group in
            for await job in jobs.stream {
                group.addTask {
                    switch job {
                    case .run(let tunnel): await self.run(tunnel)
                    case .retire(let tunnel, let successor): await self.retire(tunnel, successor)
                    }
                }
            }
        }
    }

    private func make(_ config: TunnelConfig) -> Tunnel {
        Tunnel(
            config, loops: loops, budget: budget, metrics: metrics, sink: sink, loopID: loopID, observer: observer)
    }

    /// Made and listed in one step: its predecessor, ending meanwhile, must not take its metrics away. Nil: too late.
    @discardableResult
    private func start(_ config: TunnelConfig) -> Tunnel? {
        let tunnel: Tunnel? = state.withLock { state in
            guard !state.isStopping else { return nil }
            let tunnel = make(config)
            state.tunnels.append(tunnel)
            return tunnel
        }
        if let tunnel { jobs.continuation.yield(.run(tunnel)) }
        return tunnel
    }

    private func run(_ tunnel: Tunnel) async {
        await tunnel.run()
        state.withLock { [metrics] state in
            state.retiring.removeAll { $0 === tunnel }
            let isReplaced = state.tunnels.contains { $0.config.name == tunnel.config.name }
            if !state.isStopping, !isReplaced { metrics.remove(tunnel: tunnel.config.name) }
        }
    }
}

// MARK: - Reload

extension Supervisor {
    /// Makes the tunnels those of `config`; unchanged ones are not touched.
    func apply(_ config: DaemonConfig) -> ReloadPlan {
        let plan = state.withLock { state in
            defer { state.config = config }
            return ReloadPlan(from: state.config, to: config)
        }
        sink.level = .init(config.daemon.logLevel)
        budget.limit = config.daemon.replyMemory.bytes
        for added in plan.tunnels.added { start(added) }
        for changed in plan.tunnels.changed {
            let predecessor = take(changed.old.name)
            let successor = start(changed.new)
            if let predecessor { jobs.continuation.yield(.retire(predecessor, successor: successor)) }
        }
        for removed in plan.tunnels.removed {
            if let tunnel = take(removed.name) { jobs.continuation.yield(.retire(tunnel, successor: nil)) }
        }
        return plan
    }

    /// Takes a tunnel from those that the configuration asks for to those that only finish what they have begun.
    private func take(_ name: String) -> Tunnel? {
        state.withLock { state in
            guard let index = state.tunnels.firstIndex(where: { $0.config.name == name }) else { return nil }
            let tunnel = state.tunnels.remove(at: index)
            state.retiring.append(tunnel)
            return tunnel
        }
    }

    /// New before old: the predecessor goes on serving until its successor can.
    private func retire(_ tunnel: Tunnel, _ successor: Tunnel?) async {
        await successor?.opened.wait(atMost: Self.successionLimit)
        tunnel.stop(.drain(since: .now))
        await tunnel.ended.wait(atMost: drainTimeout)
        tunnel.stop(.now)
    }
}

// MARK: - Stop

extension Supervisor {
    private var drainTimeout: Duration { state.withLock { $0.config.daemon.drainTimeout } }

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
        let tunnels = state.withLock { state in
            state.isStopping = true
            return state.tunnels + state.retiring
        }
        jobs.continuation.finish()
        for tunnel in tunnels { tunnel.stop(request) }
    }
}

/// Marks requests to upstreams, so that one that comes back is recognised (PROTOCOL.md §5).
enum LoopID {
    static func make() -> String {
        String(UInt64.random(in: .min ... .max), radix: 16)
    }
}
