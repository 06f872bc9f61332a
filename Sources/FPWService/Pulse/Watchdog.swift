import ServiceLifecycle

/// Tells systemd that the process lives, as long as every event loop comes round (sd_watchdog_enabled(3)).
///
/// Twice in an interval all loops are asked, and the last to answer sends `WATCHDOG=1`: one that is stuck for half an
/// interval may, and for a whole one will, let systemd act. Where systemd does not watch there is no timer.
package struct Watchdog: Service {
    private let manager: ServiceManager
    private let pulse: LoopPulse

    package init(_ manager: ServiceManager, _ pulse: LoopPulse) {
        self.manager = manager
        self.pulse = pulse
    }

    /// Returns at a graceful shutdown: to be the first of its group, since the first is the last to stop and a drain is
    /// watched too.
    package func run() async {
        guard let interval = manager.watchdogInterval else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                pulse.ask { manager.watchdog() }
                try? await Task.sleep(for: interval / 2, clock: .suspending)
            }
        }
    }
}
