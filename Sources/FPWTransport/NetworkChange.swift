/// What has happened to the machine's network.
package enum NetworkChange: Sendable, Equatable {
    /// The machine has slept: nobody knows what is left of its connections.
    case wokeUp
    /// Its addresses are now these.
    case addresses(Set<String>)
    /// Another way leads out: connections go on, or are dead where a gateway that is not on the way any more knew them.
    case rerouted

    /// Whether a connection from this local address is probably dead; nil: there is none yet.
    package func endsConnection(from localAddress: String?) -> Bool {
        guard let localAddress else { return false }
        switch self {
        case .wokeUp: return true
        case .rerouted: return false
        case .addresses(let present): return !present.contains(localAddress)
        }
    }
}

/// Finds out that the machine has slept: CLOCK_BOOTTIME counts the sleep, CLOCK_MONOTONIC does not.
struct SleepGauge {
    /// A relay gives a visit to another slot after three seconds of silence (PROTOCOL.md §4): a shorter sleep has lost
    /// nothing.
    static let shortest = Duration.seconds(3)

    private var slept: Duration

    /// Both are durations since the machine's start.
    init(monotonic: Duration, boottime: Duration) { slept = boottime - monotonic }

    /// Whether the machine slept since this was last asked.
    mutating func hasSlept(monotonic: Duration, boottime: Duration) -> Bool {
        defer { slept = boottime - monotonic }
        return boottime - monotonic - slept >= Self.shortest
    }
}
