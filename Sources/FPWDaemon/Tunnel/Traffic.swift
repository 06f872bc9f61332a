import FPWMetrics
import FPWTransport

/// Bytes of bodies by tunnel, counted while they pass.
final class Traffic: Sendable {
    private let tallies = Locked<[String: ByteTally]>([:])

    /// Makes it a metric that is read when somebody asks.
    func register(_ name: String, _ help: String, in registry: MetricRegistry) {
        registry.observed(name, help, .counter, labels: ["tunnel"]) { [tallies] in
            tallies.withLock { $0 }.sorted { $0.key < $1.key }.map { tunnel, tally in
                FamilySnapshot.Series(labelValues: [tunnel], value: .number(Double(tally.total)))
            }
        }
    }

    /// The tunnel's; one that comes after another of its name goes on counting.
    func tally(_ tunnel: String) -> ByteTally {
        tallies.withLock { tallies in
            let tally = tallies[tunnel] ?? ByteTally()
            tallies[tunnel] = tally
            return tally
        }
    }

    func remove(_ tunnel: String) { tallies.withLock { $0[tunnel] = nil } }
}
