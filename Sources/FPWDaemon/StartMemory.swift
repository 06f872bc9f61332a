import FPWTransport
import ServiceLifecycle

/// Gives the memory back that only the start needed: two thirds of what an idle daemon would hold.
struct StartMemory: Service {
    /// After the last of these the tunnels are open, or their relays are away. Visitors may come long before, and should not
    /// find all of it still there.
    private static let looks: [Duration] = [.milliseconds(100), .milliseconds(300), .seconds(1)]

    /// Returns at a graceful shutdown: a group ends with a service that returns earlier.
    func run() async {
        let start = ContinuousClock.now
        for look in Self.looks {
            try? await cancelWhenGracefulShutdown { try await Task.sleep(until: start + look) }
            ProcessMemory.releaseCode()
        }
        try? await gracefulShutdown()
    }
}
