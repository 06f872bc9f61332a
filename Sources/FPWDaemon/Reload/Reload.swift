import FPWConfig
import FPWService
import Logging

/// Reads the configuration again and applies what changed.
struct Reload: Sendable {
    let file: String
    let supervisor: Supervisor
    let log: Logger

    func perform() throws(ConfigErrors) {
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
