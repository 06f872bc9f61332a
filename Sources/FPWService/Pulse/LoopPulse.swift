package import FPWMetrics

/// Asks event loops for a sign of life, and measures how long each takes to give it.
///
/// Any thread may call.
package final class LoopPulse: Sendable {
    /// Runs `answer` as the loop's next job.
    package typealias Beat = @Sendable (_ answer: @escaping @Sendable () -> Void) -> Void

    private struct Round {
        /// When each loop was asked; nil where it has answered.
        var askedAt: [SuspendingClock.Instant?]
        var lags: [Duration]
        var allAnswered: (@Sendable () -> Void)?

        var isOver: Bool { askedAt.allSatisfy { $0 == nil } }
    }

    private let beats: [Beat]
    private let now: @Sendable () -> SuspendingClock.Instant
    private let round: Locked<Round>

    /// - Parameter beats: one for each loop.
    package init(_ beats: [Beat], now: @escaping @Sendable () -> SuspendingClock.Instant = { .now }) {
        self.beats = beats
        self.now = now
        round = Locked(
            Round(
                askedAt: Array(repeating: nil, count: beats.count),
                lags: Array(repeating: .zero, count: beats.count)))
    }

    /// Asks all loops. Where one still owes its answer to the last question nobody is asked again: the queue of a stuck
    /// loop must not grow.
    ///
    /// - Parameter allAnswered: called once on the loop that answers last, and in place of one that was given before.
    package func ask(allAnswered: (@Sendable () -> Void)? = nil) {
        let time = now()
        let isNew = round.withLock { round in
            if let allAnswered { round.allAnswered = allAnswered }
            guard round.isOver else { return false }
            round.askedAt = Array(repeating: time, count: beats.count)
            return true
        }
        guard isNew else { return }
        for (index, beat) in beats.enumerated() { beat { self.answered(index) } }
    }

    /// How long each loop took for its last answer, or has owed one already.
    package var lags: [Duration] {
        let time = now()
        return round.withLock { round in
            zip(round.askedAt, round.lags).map { askedAt, lag in askedAt.map { max(lag, $0.duration(to: time)) } ?? lag
            }
        }
    }

    private func answered(_ index: Int) {
        let time = now()
        let allAnswered = round.withLock { round -> (@Sendable () -> Void)? in
            guard let askedAt = round.askedAt[index] else { return nil }
            round.askedAt[index] = nil
            round.lags[index] = askedAt.duration(to: time)
            guard round.isOver else { return nil }
            defer { round.allAnswered = nil }
            return round.allAnswered
        }
        allAnswered?()
    }
}

extension LoopPulse {
    /// Registers the lags as a metric. Reading it asks the loops anew, so nothing wakes up where nobody looks.
    ///
    /// - Parameter name: `fpwd_event_loop_lag_seconds`, for example.
    package func register(_ name: String, in registry: MetricRegistry) {
        registry.observed(
            name, "How long an event loop took to come round when it was last asked, or has been silent since.",
            labels: ["loop"]
        ) {
            defer { self.ask() }
            return self.lags.enumerated().map { index, lag in
                FamilySnapshot.Series(labelValues: ["\(index)"], value: .number(lag / .seconds(1)))
            }
        }
    }
}
