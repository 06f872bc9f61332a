import FPWTransport

/// When a slot may post again after trouble of its own.
struct SlotBackoff {
    private(set) var notBefore = Moment(nanoseconds: 0)
    private var backoff = Backoff()
    private var since: Moment?
    /// The last POST failed by what the relay or the way to it did: the next is one of the process's tries.
    private(set) var isAfterTrouble = false
    /// When that was.
    private(set) var failedAt: Moment?

    mutating func failed(
        _ trouble: LinkTrouble, at now: Moment, using generator: inout some RandomNumberGenerator
    ) {
        let start = since ?? now
        // A used connection may end at any time; the first time that is no reason to wait.
        let isFirstBreak = since == nil && trouble.kind == .broken
        since = start
        failedAt = now
        isAfterTrouble = trouble.kind != .exhausted
        guard !isFirstBreak else { return }
        // Late word of a link that has come up since is soon tried again.
        let kind = trouble.isOfTheLink ? .transport : trouble.backoff
        let delay = backoff.next(kind, since: now - start, using: &generator)
        notBefore = now + max(delay, trouble.retryAfter ?? .zero)
    }

    mutating func succeeded() {
        since = nil
        isAfterTrouble = false
        backoff.reset()
    }

    mutating func hold(until moment: Moment) { notBefore = max(notBefore, moment) }
}
