import FPWTransport
import ServiceLifecycle

/// Gives the memory back that only the start needed: two thirds of what an idle daemon would hold.
struct StartMemory: Service {
    /// After this time the tunnels are open, or their relays are away.
    private static let startTakes = Duration.seconds(1)

    /// Returns at a graceful shutdown: a group ends with a service that returns earlier.
    func run() async {
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.startTakes) }
        ProcessMemory.releaseCode()
        try? await gracefulShutdown()
    }
}
