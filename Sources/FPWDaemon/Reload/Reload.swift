import FPWConfig
import FPWMetrics
import FPWService
import Logging

/// Reads the configuration again and applies what changed.
struct Reload: Sendable {
    let file: String
    let supervisor: Supervisor
    let log: Logger
    private let lastProblem = Locked<String?>(nil)

    init(file: String, supervisor: Supervisor, log: Logger) {
        self.file = file
        self.supervisor = supervisor
        self.log = log
    }

    /// Why the file on disk is not what runs; nil: it is.
    var problem: String? { lastProblem.withLock { $0 } }

    /// - Throws: all errors of the file, which changes nothing then.
    func perform() throws(ConfigErrors) {
        defer { supervisor.changes.signal() }
        do throws(ConfigErrors) {
            try apply()
            lastProblem.withLock { $0 = nil }
        } catch {
            let first = error.diagnostics.first { $0.severity == .error }.map { "\($0)" } ?? file
            lastProblem.withLock { $0 = "the last reload failed, an older configuration is in use: \(first)" }
            throw error
        }
    }

    private func apply() throws(ConfigErrors) {
        let loaded = try DaemonConfig.load(file: file, environment: ProcessEnvironment.current)
        for warning in loaded.warnings { log.warning("\(ConfigurationWarning(warning))") }
        report(supervisor.apply(loaded.config))
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
