package import FPWConfig
import FPWMetrics
package import FPWService
import FPWTransport
import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

/// The whole daemon: event loops, supervisor, admin listener, and the order in which they start and end.
package struct Daemon {
    private let config: DaemonConfig
    private let sink: LogSink
    private let loops: [EventLoop]
    private let supervisor: Supervisor
    private let admin: AdminListener
    private let reloads: ReloadMetrics
    private let reload: Reload?
    private let readiness: @Sendable () -> Readiness
    private let pulse: LoopPulse

    /// Binds the admin listener and starts the event loops.
    ///
    /// - Parameter file: where the configuration came from, to be read again on SIGHUP.
    /// - Throws: `StartFailure` with what to change.
    package init(_ config: DaemonConfig, file: String, sink: LogSink) throws(StartFailure) {
        try self.init(config, file: file, sink: sink, observer: nil)
    }

    /// - Parameter file: nil: SIGHUP ends the process.
    init(
        _ config: DaemonConfig, file: String? = nil, sink: LogSink, observer: TunnelObserver?
    ) throws(StartFailure) {
        self.config = config
        self.sink = sink
        guard Curl.initialize() else { throw StartFailure("libcurl cannot start", status: .unavailable) }
        let metrics = DaemonMetrics(registry: MetricRegistry(), version: FPWService.version)
        reloads = ReloadMetrics(registry: metrics.registry, prefix: "fpwd")
        loops = try Self.startLoops(config.daemon.loops)
        pulse = LoopPulse(loops.map { loop in { answer in loop.execute(answer) } })
        pulse.register("fpwd_event_loop_lag_seconds", in: metrics.registry)
        sink.register("fpwd_log_dropped_total", in: metrics.registry)
        let ring = VisitRing()
        let inspector = Inspector(ring: ring, replays: metrics.replays)
        let book = VisitBook(ring: ring, inspector: inspector)
        let supervisor = Supervisor(
            config, loops: loops, metrics: metrics, sink: sink,
            captures: config.daemon.inspector ? inspector.captures : nil
        ) { event in
            book.note(event)
            observer?(event.withoutCopies)
        }
        self.supervisor = supervisor
        let reload = file.map { Reload(file: $0, supervisor: supervisor, log: sink.logger("fpwd")) }
        self.reload = reload
        readiness = { Readiness(supervisor, file: file, reload?.problem) }
        do throws(BindFailure) {
            let page = PageRoutes(
                program: PageProgram(name: "fpwd", visits: ring, inspects: config.daemon.inspector),
                supervisor: supervisor, metrics: metrics, readiness: readiness, inspector: inspector,
                replayer: Replayer(loops: loops, captures: inspector.captures))
            let routes = AdminRoutes(supervisor: supervisor, metrics: metrics, readiness: readiness, page: page).table
            admin = try AdminListener(
                ServerAddress(config.daemon.adminListen), program: "fpwd", routes: routes, logger: sink.logger("admin"))
        } catch {
            for loop in loops { loop.shutdown() }
            throw StartFailure("\(error)", status: .configuration)
        }
    }

    /// Where the status page is, with its key.
    var pageURL: String? { admin.pageURL }

    /// Serves until the process is told to end; then visits under way are finished.
    package func run() async throws {
        let manager = ServiceManager()
        guard let reload else { return try await run(beside: [], manager) }
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let reloader = Reloader(on: hangups, file: reload.file, manager, reloads, reload.log) { try reload.perform() }
        try await run(beside: [reloader], manager)
    }

    /// - Parameter services: end last; one that throws ends all.
    func run(beside services: [any Service], _ manager: ServiceManager = ServiceManager()) async throws {
        defer {
            for loop in loops { loop.shutdown() }
            sink.flush()
        }
        let log = sink.logger("fpwd")
        log.notice(
            "fpwd \(FPWService.version) runs",
            metadata: [
                "tunnels": "\(config.tunnels.count)", "admin": "\(admin.address)", "loops": "\(loops.count)",
            ])
        if let notice = readiness().notice { log.notice("\(notice)") }
        manager.ready()
        let status = StatusReporter(changes: supervisor.changes, line: StatusLine(manager), readiness: readiness)
        loops.first?.watchNetwork { [supervisor] in supervisor.networkChanged($0) }
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: Watchdog(manager, pulse))] + services.map { .init(service: $0) } + [
                    .init(service: admin), .init(service: status),
                    .init(service: StartMemory()),
                    .init(service: supervisor, successTerminationBehavior: .gracefullyShutdownGroup),
                ],
                logger: sink.quietLogger("lifecycle")))
        try await StopSignals(manager: manager, log: log).whileRunning(group)
        log.notice("fpwd ends")
    }

    private static func startLoops(_ configured: Int) throws(StartFailure) -> [EventLoop] {
        // One loop carries some ten thousand visits a second; the rest of the machine is for the upstream.
        let count = configured > 0 ? configured : max(1, min(4, sysconf(Int32(_SC_NPROCESSORS_ONLN)) / 2))
        var loops: [EventLoop] = []
        for _ in 0..<count {
            do throws(EventLoopError) {
                loops.append(try EventLoop())
            } catch {
                throw StartFailure("\(error)", status: .unavailable)
            }
        }
        return loops
    }
}

extension Readiness {
    init(_ supervisor: Supervisor, file: String?, _ reloadProblem: String?) {
        let tunnels = supervisor.current.map { ($0.config.name, $0.linkPhase) }
        let notices = [tunnels.isEmpty ? Self.noTunnel(file: file) : nil, reloadProblem].compactMap(\.self)
        self.init(tunnels, notice: notices.isEmpty ? nil : notices.joined(separator: "; "))
    }
}

/// Why the daemon cannot start, and the exit status that says so.
package struct StartFailure: Error, CustomStringConvertible {
    package let description: String
    package let status: ExitStatus

    package init(_ description: String, status: ExitStatus) {
        self.description = description
        self.status = status
    }
}

extension LogSink {
    /// For a library whose own notices would only repeat ours.
    func quietLogger(_ label: String) -> Logger {
        var logger = logger(label)
        logger.logLevel = .error
        return logger
    }
}
