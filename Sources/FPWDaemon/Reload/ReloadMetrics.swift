import FPWMetrics
import Glibc

/// Whether the running configuration is the one on disk.
struct ReloadMetrics: Sendable {
    private let successful: Gauge
    private let successTime: Gauge

    init(registry: MetricRegistry) {
        successful = registry.gauge(
            "fpwd_config_last_reload_successful", "Whether the last reading of the configuration succeeded.")
        successTime = registry.gauge(
            "fpwd_config_last_reload_success_timestamp_seconds", "When the configuration was last read successfully.")
        succeeded()
    }

    func succeeded() {
        successful.set(1)
        successTime.set(time(nil))
    }

    func failed() { successful.set(0) }
}
