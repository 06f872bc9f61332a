import FPWTransport

/// What becomes of a reply whose POST did not end in an answer (PROTOCOL.md §2, §4).
enum Resend: Equatable {
    case sendAgain(isResend: Bool)
    /// The POST was held for so long that the relay must have read the reply.
    case taken
    case drop(DropReason)

    enum DropReason: String {
        /// The upstream broke off in the middle: there is no whole reply to send.
        case upstreamBroken = "upstream-broken"
        /// It was too long to be kept.
        case notKept = "not-kept"
        /// The relay may have it, and could not tell a second one from the first.
        case maybeTaken = "maybe-taken"
        /// No try succeeded in time.
        case expired = "expired"
        /// The relay answered that nobody waits for it.
        case gone = "gone"
        /// The relay found it too large.
        case tooLarge = "too-large"
        /// The daemon stopped.
        case stopped = "stopped"
    }

    /// How long a reply is worth sending.
    static let lifetime = Duration.seconds(30)
    /// The same while the daemon stops: no relay keeps a visit for longer without a slot (PROTOCOL.md §4, "resend").
    static let lifetimeWhileStopping = Duration.seconds(10)

    /// A relay that has held a POST for longer has read it (PROTOCOL.md §2, the row of 408).
    ///
    /// Where the reply could be sent again it is kept for longer than a dead connection can go unnoticed, which is 25 s
    /// (PROTOCOL.md §4): the POST that fails by it must still find its reply.
    static func takenAfter(relayResends: Bool) -> Duration { relayResends ? .seconds(30) : .seconds(5) }

    struct Facts {
        /// The POST reached a connection.
        var wasIssued: Bool
        /// The relay answered that it did not take the reply.
        var wasAnswered: Bool
        var bodyFailed: Bool
        var isKept: Bool
        var relayResends: Bool
        var firstFailure: Moment
        /// When all of it had been handed to the connection, and the relay was not known any more to have some of it unread.
        var sentAt: Moment?
    }

    static func decide(_ facts: Facts, at now: Moment) -> Resend {
        if !facts.wasAnswered, let sentAt = facts.sentAt, sentAt + takenAfter(relayResends: facts.relayResends) <= now {
            return .taken
        }
        if facts.bodyFailed { return .drop(.upstreamBroken) }
        if !facts.isKept { return .drop(.notKept) }
        if facts.firstFailure + lifetime <= now { return .drop(.expired) }
        if !facts.wasIssued { return .sendAgain(isResend: false) }
        // Also after an error status: a proxy before the relay may have sent it while the relay already passed the reply on.
        if facts.relayResends { return .sendAgain(isResend: true) }
        if facts.wasAnswered { return .sendAgain(isResend: false) }
        return facts.sentAt != nil ? .drop(.maybeTaken) : .sendAgain(isResend: false)
    }
}
