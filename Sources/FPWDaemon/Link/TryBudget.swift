import FPWTransport

/// How often the process may try relays that are in trouble: turns in the order of asking, so that no tunnel goes short.
///
/// Only tries after trouble take one: a probe, and the next POST of a slot whose last one failed.
struct TryBudget: Sendable {
    /// Ten tries a second, whatever the number of tunnels.
    static let interval = Duration.milliseconds(100)
    /// Turns that may be taken at once after a quiet time.
    static let burst = 10

    private var next = Moment(nanoseconds: 0)

    /// The next free turn; whoever asked for it has it.
    mutating func turn(at now: Moment) -> Moment {
        let saved = Self.interval * (Self.burst - 1)
        let turn = max(next, Moment(nanoseconds: now.nanoseconds - saved.nanoseconds))
        next = turn + Self.interval
        return max(turn, now)
    }
}
