import FPWMetrics

/// The line that `systemctl status` shows; systemd hears of it only when it has changed.
package final class StatusLine: Sendable {
    private let manager: ServiceManager
    private let shown = Locked<String?>(nil)

    package init(_ manager: ServiceManager) {
        self.manager = manager
    }

    package func show(_ text: String) {
        let isNew = shown.withLock { shown in
            defer { shown = text }
            return shown != text
        }
        if isNew { manager.status(text) }
    }
}
