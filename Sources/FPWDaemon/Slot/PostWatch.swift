import FPWTransport

/// Whether and how a slot's daemon wants it to end.
enum StopRequest: Sendable, Equatable {
    case none
    /// Take no more visits, finish what is under way.
    case drain(since: Moment)
    case now
}

/// What a POST to the relay waits for next: the decision, made again whenever something happened.
struct PostWatch {
    struct Progress {
        var isAnswered: Bool
        var isRunning: Bool
        var sentAt: Moment?
        /// The relay had not read all of it then; it was told to the system long before where a visitor pauses.
        var unreadAt: Moment?
        var progressAt: Moment

        /// When the relay had the whole POST, as far as is known; it has `patience` to read it.
        func readAt(within patience: Duration) -> Moment? {
            sentAt.map { max($0, min(unreadAt ?? $0, $0 + patience)) }
        }
    }

    enum Step: Equatable {
        case wait(until: Moment)
        case answered
        case failed
        /// The POST went out whole: a reply in it is on its way.
        case sent
        /// Held for so long that the relay has read all of it.
        case delivered
        /// No answer for a second on an established connection: the relay holds the poll.
        case assumeOpen
        /// Ask the relay to close the slot.
        case drain
        /// The slot ends here.
        case close
        case timedOut
        /// The parked poll's connection is probably dead: a new one is made.
        case reopen
    }

    /// How long a foreign relay may still answer a parked poll with a visit while the daemon stops.
    static let closingGrace = Duration.seconds(1)
    static let assumedOpenAfter = Duration.seconds(1)

    let idleTimeout: Duration
    let pollTimeout: Duration
    let deliveredAfter: Duration
    var relayDrains: Bool
    /// The network has changed, and it is this poll's turn then; nil: the poll may stay. Set anew before each step.
    var reopensAt: Moment?
    private var saidSent = false
    private var saidOpen = false
    private var saidDelivered = false
    private var saidDrain = false

    init(
        idleTimeout: Duration, pollTimeout: Duration, deliveredAfter: Duration = Resend.takenAfter(relayResends: false),
        relayDrains: Bool
    ) {
        self.idleTimeout = idleTimeout
        self.deliveredAfter = deliveredAfter
        self.pollTimeout = pollTimeout
        self.relayDrains = relayDrains
    }

    mutating func next(_ progress: Progress, stop: StopRequest, at now: Moment) -> Step {
        // Before all else: what came as the stop did may be a visit, and is counted.
        if progress.isAnswered { return .answered }
        if stop == .now { return .close }
        if !progress.isRunning { return .failed }
        guard let readAt = progress.readAt(within: idleTimeout) else {
            let stalled = progress.progressAt + idleTimeout
            return stalled <= now ? .timedOut : .wait(until: stalled)
        }
        if !saidSent {
            saidSent = true
            return .sent
        }
        if case .drain(let since) = stop { return closing(max(readAt, since), at: now) }
        return parked(since: readAt, at: now)
    }

    private mutating func closing(_ since: Moment, at now: Moment) -> Step {
        if relayDrains {
            if !saidDrain {
                saidDrain = true
                return .drain
            }
            // The answer to the drain comes through the poll itself; how long that may take is the stop's own deadline. A
            // connection that is probably dead brings none.
            if reopensAt == nil { return .wait(until: .distantFuture) }
        }
        let end = since + Self.closingGrace
        return end <= now ? .close : .wait(until: end)
    }

    private mutating func parked(since readAt: Moment, at now: Moment) -> Step {
        let timeout = readAt + pollTimeout
        if timeout <= now { return .timedOut }
        if let reopensAt, reopensAt <= now { return .reopen }
        let end = min(timeout, reopensAt ?? timeout)
        if !saidOpen {
            let open = readAt + Self.assumedOpenAfter
            guard open <= now else { return .wait(until: min(open, end)) }
            saidOpen = true
            return .assumeOpen
        }
        if !saidDelivered {
            let delivered = readAt + deliveredAfter
            guard delivered <= now else { return .wait(until: min(delivered, end)) }
            saidDelivered = true
            return .delivered
        }
        return .wait(until: end)
    }
}
