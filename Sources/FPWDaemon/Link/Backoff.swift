import FPWTransport

/// How long to wait before the next try: full jitter under a doubling bound, so that many daemons do not come back together.
struct Backoff: Sendable {
    /// The kinds of trouble differ in how long they may keep a tunnel waiting (ARCHITECTURE.md, "Link state").
    enum Trouble: Sendable {
        /// No connection, a broken one, or 502: usually a restart, so the bound stays low for the first ten minutes.
        case transport
        /// 500, 503 and others: the relay is there and asks for less.
        case relay
        /// The host or the token is refused: a person has to act.
        case refusal
        /// This machine lacks descriptors or memory: trying costs the relay nothing.
        case exhaustion
    }

    private static let first = Duration.milliseconds(500)

    private(set) var attempts = 0

    /// Counts a failed try and draws the delay to the next one.
    /// - Parameter since: how long the trouble has lasted.
    mutating func next(
        _ trouble: Trouble, since: Duration, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let limit = Self.limit(trouble, since: since)
        let bound = trouble == .refusal ? limit : min(limit, Self.first * (1 << min(attempts, 10)))
        attempts += 1
        // A refusal is tried at its pace: a shorter wait would only fill the relay's log.
        return trouble == .refusal ? bound : .nanoseconds(Int64.random(in: 0...bound.nanoseconds, using: &generator))
    }

    mutating func reset() { attempts = 0 }

    private static func limit(_ trouble: Trouble, since: Duration) -> Duration {
        switch trouble {
        case .transport: since < .seconds(600) ? .seconds(3) : .seconds(30)
        case .relay: .seconds(30)
        case .refusal: .seconds(60)
        case .exhaustion: .seconds(1)
        }
    }
}
