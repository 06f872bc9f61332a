import FPWConfig
import FPWService
import Logging
import ServiceLifecycle
import UnixSignals

/// SIGHUP: reads the configuration again and applies what changed. A file with errors changes nothing.
struct Reloader: Service {
    let file: String
    let supervisor: Supervisor
    let metrics: ReloadMetrics
    let manager: ServiceManager
    let log: Logger
    /// Trapped before the service manager hears that the daemon is ready: SIGHUP's default is to end the process.
    let hangups: UnixSignalsSequence

    func run() async throws {
        // Signals that come while one is handled are coalesced by the system or handled right after: reading is idempotent.
        for await _ in hangups.cancelOnGracefulShutdown() {
            manager.reloading()
            reload()
            manager.ready()
        }
    }

    private func reload() {
        do throws(ConfigErrors) {
            let loaded = try DaemonConfig.load(file: file, environment: ProcessEnvironment.current)
            for warning in loaded.warnings { log.warning("\(ConfigurationWarning(warning))") }
            report(supervisor.apply(loaded.config))
            metrics.succeeded()
        } catch {
            metrics.failed()
            for diagnostic in error.diagnostics { log.error("\(diagnostic)") }
            log.error("the configuration was not reloaded: nothing has changed", metadata: ["file": "\(file)"])
        }
    }

    private func report(_ plan: ReloadPlan) {
        let tunnels = plan.tunnels
        log.notice(
            "the configuration was reloaded",
            metadata: [
                "added": "\(tunnels.added.count)", "removed": "\(tunnels.removed.count)",
                "changed": "\(tunnels.changed.count)", "unchanged": "\(tunnels.unchanged.count)",
            ])
        for key in plan.settings.needRestart {
            log.warning("[daemon] \(key) has changed: restart fpwd to use it")
        }
    }
}
