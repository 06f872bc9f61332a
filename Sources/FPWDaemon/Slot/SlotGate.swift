import FPWTransport

/// Whether a slot may post: its own backoff, what the link says and the stop put together.
struct SlotGate {
    /// What the tunnel says to a slot that wants to post.
    enum Link: Equatable {
        case post(isProbe: Bool)
        /// After trouble of its own, the slot's turn comes then.
        case turn(at: Moment)
        /// Another slot asks whether the relay can be reached.
        case starting(until: Moment)
        case down(until: Moment)
    }

    enum Step: Equatable {
        case post(isProbe: Bool)
        /// For trouble of the slot's own.
        case pause(until: Moment)
        case waitForLink(until: Moment, isDown: Bool)
        /// The slot has nothing to do any more.
        case end
    }

    /// After an outage the slots come back spread over this time.
    static let returnSpread = Duration.seconds(1)

    /// When as many slots open their polls anew: one finds out at once, and the relay does not meet the others in one
    /// instant.
    static func reopening(
        _ count: Int, from now: Moment, using generator: inout some RandomNumberGenerator
    ) -> [Moment] {
        (0..<count).map { number in
            number == 0 ? now : now + .nanoseconds(Int64.random(in: 0...returnSpread.nanoseconds, using: &generator))
        }
    }

    private(set) var backoff = SlotBackoff()
    private var isWaiting = false
    private var carriesReply = false

    mutating func next(
        stop: StopRequest, carriesReply: Bool, at now: Moment, askLink: (_ afterTrouble: Bool) -> Link
    ) -> Step {
        if stop == .now || stop != .none && !carriesReply { return .end }
        isWaiting = true
        self.carriesReply = carriesReply
        if backoff.notBefore > now { return .pause(until: backoff.notBefore) }
        switch askLink(backoff.isAfterTrouble) {
        case .post(let isProbe):
            isWaiting = false
            return .post(isProbe: isProbe)
        case .turn(let moment): return .pause(until: moment)
        case .starting(let moment): return .waitForLink(until: moment, isDown: false)
        case .down(let moment): return .waitForLink(until: moment, isDown: true)
        }
    }

    /// The link is up again: what the slot itself suffered before is of the past, but not all come back at once. A reply
    /// is waited for and goes at once.
    /// - Parameter since: when the link came up; what the slot has suffered after that is not of the past.
    mutating func linkReturned(
        since moment: Moment, at now: Moment, using generator: inout some RandomNumberGenerator
    ) {
        guard isWaiting else { return }
        if let failedAt = backoff.failedAt, failedAt >= moment { return }
        backoff = SlotBackoff()
        guard !carriesReply else { return }
        let delay = Int64.random(in: 0...Self.returnSpread.nanoseconds, using: &generator)
        backoff.hold(until: now + .nanoseconds(delay))
    }

    mutating func succeeded() { backoff.succeeded() }

    /// The slot's POST failed.
    /// - Parameter pacesItself: the link is up in spite of it, or the slot has a reply, which may go nevertheless. Otherwise the
    ///   link paces all slots together.
    mutating func failed(
        _ trouble: LinkTrouble, pacesItself: Bool, at now: Moment, using generator: inout some RandomNumberGenerator
    ) {
        guard pacesItself else { return }
        backoff.failed(trouble, at: now, using: &generator)
    }
}
