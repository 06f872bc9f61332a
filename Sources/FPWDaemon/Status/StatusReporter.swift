import FPWService
import ServiceLifecycle

/// Tells the service manager how the tunnels are: when that changes, and at most once a second.
struct StatusReporter: Service {
    private static let pause = Duration.seconds(1)

    let changes: ChangeSignal
    let line: StatusLine
    let readiness: @Sendable () -> Readiness

    func run() async throws {
        changes.signal()
        for await _ in changes.signals.cancelOnGracefulShutdown() {
            line.show("\(StatusText(readiness()))")
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pause) }
        }
    }
}
