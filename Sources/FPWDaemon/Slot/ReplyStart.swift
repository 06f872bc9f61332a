import FPWTransport

/// When a reply's POST starts, and with which framing (ARCHITECTURE.md, "Bodies stream").
///
/// A relay that streams gets the reply as soon as there is something worth a packet; any other gets it whole where it is
/// short, because it may hold back what comes in pieces.
struct ReplyStart {
    enum Decision: Equatable {
        case start(length: Int?)
        case wait(until: Moment)
        /// The upstream broke off before anything was sent.
        case broken
    }

    static let collected = 64 << 10
    static let patience = Duration.milliseconds(20)

    let relayStreams: Bool
    /// The relay takes no chunked bodies: the whole body is collected first.
    let needsLength: Bool
    let isEventStream: Bool
    let headAt: Moment
    let replyBuffer: Int
    /// The answer's Content-Length, where it has one.
    let announced: Int?

    func decide(written: Int, isFinished: Bool, hasFailed: Bool, at now: Moment) -> Decision {
        if hasFailed { return .broken }
        if isFinished { return .start(length: written) }
        if needsLength { return .wait(until: .distantFuture) }
        guard relayStreams else {
            return written >= replyBuffer ? .start(length: announced) : .wait(until: .distantFuture)
        }
        let patienceEnds = headAt + Self.patience
        let isTime = isEventStream || written >= Self.collected || patienceEnds <= now
        return isTime ? .start(length: announced) : .wait(until: patienceEnds)
    }
}
