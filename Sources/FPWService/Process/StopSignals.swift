import Glibc
package import Logging
package import ServiceLifecycle
import UnixSignals

/// SIGTERM and SIGINT: the first ends the services in order, the second ends the process at once.
package struct StopSignals: Sendable {
    private let manager: ServiceManager
    private let log: Logger

    package init(manager: ServiceManager, log: Logger) {
        self.manager = manager
        self.log = log
    }

    /// Runs the group, and stops it when a signal says so.
    package func whileRunning(_ group: ServiceGroup) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                var isStopping = false
                for await signal in signals {
                    if isStopping { leave(after: signal) }
                    isStopping = true
                    manager.stopping()
                    log.notice(
                        "stopping: visits under way are finished; a second signal ends at once",
                        metadata: ["signal": "\(signal)"])
                    await group.triggerGracefulShutdown()
                }
            }
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    /// By the convention of shells: 128 and the signal's number.
    private func leave(after signal: UnixSignal) -> Never {
        _exit(128 + signal.rawValue)
    }
}
