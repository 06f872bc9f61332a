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
        var roster = TunnelRoster<Tunnel>()
        var isStopping = false
    }

    private typealias Job = TunnelRoster<Tunnel>.Job

    private let loops: [EventLoop]
    private let budget: KeepBudget
    private let tries = Locked(TryBudget())
    private let metrics: DaemonMetrics
    private let sink: LogSink
    private let observer: TunnelObserver?
    private let captures: KeepBudget?
    /// Known to this process alone: finds a request that comes back to its own tunnel.
    private let loopID = LoopID.make()
    private let state: Locked<State>
    private let jobs = AsyncStream<Job>.makeStream()
    /// Says that a link or the number of open slots has changed.
    let changes = ChangeSignal()

    init(
        _ config: DaemonConfig, loops: [EventLoop], metrics: DaemonMetrics, sink: LogSink, captures: KeepBudget? = nil,
        observer: TunnelObserver? = nil
    ) {
        self.loops = loops
        self.metrics = metrics
        self.sink = sink
        self.observer = observer
        self.captures = captures
        budget = KeepBudget(bytes: config.daemon.replyMemory.bytes)
        state = Locked(State(config: config))
        carryOut(ReloadPlan(from: DaemonConfig(), to: config).tunnels)
    }

    /// What the configuration asks for.
    var current: [Tunnel] { state.withLock { $0.roster.current } }

    /// The machine woke up, has other addresses, or another way out.
    func networkChanged(_ change: NetworkChange) {
        for tunnel in state.withLock({ $0.roster.all }) { tunnel.networkChanged(change) }
    }

    func run() async throws {
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await carryOutJobs()
            } onGracefulShutdown: {
                self.drain()
            }
        } onCancel: {
            self.stop(.now)
        }
    }

    private func carryOutJobs() async {
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

    private func make(_ config: TunnelConfig, relieving predecessor: Tunnel?) -> Tunnel {
        Tunnel(
            config, loops: loops, budget: budget, tries: tries, metrics: metrics, sink: sink, loopID: loopID,
            changes: changes, captures: captures, relieving: predecessor, observer: observer)
    }

    private func carryOut(_ plan: Difference<TunnelConfig>) {
        let orders = state.withLock { state in
            state.isStopping ? [] : state.roster.apply(plan, make: make)
        }
        for order in orders { jobs.continuation.yield(order) }
        changes.signal()
    }

    private func run(_ tunnel: Tunnel) async {
        await tunnel.run()
        state.withLock { [metrics] state in
            let name = tunnel.config.name
            let isLast = state.roster.ended(tunnel)
            guard !state.isStopping else { return }
            if isLast {
                metrics.remove(tunnel: name)
            } else if !state.roster.current.contains(where: { $0.config.name == name && $0.config.healthPath != nil }) {
                // It went on checking after its successor was made.
                metrics.forgetHealth(of: name)
            }
        }
        changes.signal()
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
        sink.access = AccessLogSettings(config.daemon.access)
        budget.limit = config.daemon.replyMemory.bytes
        carryOut(plan.tunnels)
        return plan
    }

    /// New before old: the predecessor goes on serving until its successor relieves it.
    private func retire(_ tunnel: Tunnel, _ successor: Tunnel?) async {
        await successor?.relieved.wait(atMost: Self.successionLimit)
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
            return state.roster.all
        }
        jobs.continuation.finish()
        for tunnel in tunnels { tunnel.stop(request) }
    }
}

extension Tunnel: Configured {}

/// Marks requests to upstreams, so that one that comes back is recognised (PROTOCOL.md §5).
enum LoopID {
    static func make() -> String {
        String(UInt64.random(in: .min ... .max), radix: 16)
    }
}
