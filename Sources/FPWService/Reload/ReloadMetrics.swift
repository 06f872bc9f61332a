package import FPWMetrics
import Glibc

/// Whether the running configuration is the one on disk.
package struct ReloadMetrics: Sendable {
    private let successful: Gauge
    private let successTime: Gauge

    /// - Parameter prefix: the program's, `fpwd`.
    package init(registry: MetricRegistry, prefix: String) {
        successful = registry.gauge(
            "\(prefix)_config_last_reload_successful",
            "Whether the configuration was read successfully when that was last tried: where 0, an older one is in use."
        )
        successTime = registry.gauge(
            "\(prefix)_config_last_reload_success_timestamp_seconds",
            "When the configuration was last read successfully, in seconds since the epoch.")
        succeeded()
    }

    /// Whether the last attempt succeeded.
    package var isSuccessful: Bool { successful.value == 1 }

    func succeeded() {
        successful.set(1)
        successTime.set(time(nil))
    }

    func failed() { successful.set(0) }
}
