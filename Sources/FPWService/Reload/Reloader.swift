import FPWConfig
package import Logging
import ServiceLifecycle

/// Reads the configuration again when a signal says so. A file with errors changes nothing.
///
/// Any number of signals that come while one is answered, or shortly after, are answered together.
package struct Reloader<Signals: AsyncSequence & Sendable>: Service
where Signals.Element: Sendable, Signals.Failure == Never {
    private let signals: Signals
    private let file: String
    private let manager: ServiceManager
    private let metrics: ReloadMetrics
    private let log: Logger
    private let pause: Duration
    private let apply: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - signals: SIGHUP, trapped before the service manager hears that the program is ready: its default is to end the
    ///     process.
    ///   - pause: from one reload to the next.
    ///   - apply: reads the file and applies it; what it throws, `ConfigErrors` for all that is wrong with the file, means
    ///     that nothing has changed.
    package init(
        on signals: Signals, file: String, _ manager: ServiceManager, _ metrics: ReloadMetrics, _ log: Logger,
        pause: Duration = .milliseconds(100), apply: @escaping @Sendable () async throws -> Void
    ) {
        self.signals = signals
        self.file = file
        self.manager = manager
        self.metrics = metrics
        self.log = log
        self.pause = pause
        self.apply = apply
    }

    package func run() async throws {
        let (wishes, wish) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in signals.cancelOnGracefulShutdown() { wish.yield() }
                wish.finish()
            }
            for await _ in wishes {
                await reload()
                try? await Task.sleep(for: pause)
            }
        }
    }

    private func reload() async {
        manager.reloading()
        defer { manager.ready() }
        do {
            try await apply()
            metrics.succeeded()
        } catch {
            metrics.failed()
            tell(error)
            log.error("the configuration was not reloaded: nothing has changed", metadata: ["file": "\(file)"])
        }
    }

    private func tell(_ error: any Error) {
        guard let errors = error as? ConfigErrors else { return log.error("\(error)") }
        for diagnostic in errors.diagnostics {
            switch diagnostic.severity {
            case .error: log.error("\(diagnostic)")
            case .warning: log.warning("\(ConfigurationWarning(diagnostic))")
            }
        }
    }
}
