/// What a relay's answer to a slot's POST means (PROTOCOL.md §2).
package enum PollAnswer: Sendable, Equatable {
    /// A visitor's request, or why it is refused; the reference names it in the reply either way. Indirect, because what
    /// copies an answer would count a reference for each part of the visit.
    indirect case visit(VisitReference, Result<Visit, VisitRefusal>)
    /// Nothing came while the poll was held.
    case idle
    /// A message from the platform, cleaned and cut for a log line.
    case message(String)
    /// The host or the token is not accepted; with what the relay said about it.
    case refused(status: Int, String)
    /// The visit of the reply is gone or already answered.
    case visitGone
    /// The reply is too large for this relay; a small one goes in its place.
    case replyTooLarge(status: Int)
    /// The relay asks for patience; with what it said about it where it is too much for it (429).
    case wait(status: Int, retryAfter: Duration?, said: String = "")
    /// The relay's URL is another one.
    case redirect(location: String?)
    /// This slot's error.
    case failed(status: Int)
}

/// What became of the reply that a POST carried.
package enum ReplyFate: Sendable, Equatable {
    /// The relay has it, or there was none: nothing is left to send.
    case taken
    /// The relay may not have it: it is sent again.
    case kept
    /// Nobody waits for it any more.
    case dropped
}

/// What is known of an answer once its head, and the beginning of its body where it is no visit, have come.
package struct AnswerFacts: Sendable {
    package var status: Int
    package let headers: HeaderFields
    /// The visit that the answer hands over, unless its status or `fpw-status` says otherwise.
    let reference: VisitReference?
    /// `fpw-status` on an answer is version 2's: anything but 2xx refuses, and the body says why.
    let versionTwoRefusal: Int?
    package var bodyIsEmpty: Bool
    /// The first 4 KiB of the body at most; empty for a visit, whose body is the visitor's.
    package var messageBody: [UInt8]
    /// From the end of the POST's upload to the answer's head.
    package var sinceUpload: Duration
    package var carriedReply: Bool

    package init(
        status: Int, headers: HeaderFields, bodyIsEmpty: Bool = true, messageBody: [UInt8] = [],
        sinceUpload: Duration, carriedReply: Bool = false
    ) {
        self.status = status
        self.headers = headers
        reference = VisitReference(in: headers)
        versionTwoRefusal = headers.first(FPWField.status)?.decimal.flatMap { (200..<300).contains($0) ? nil : $0 }
        self.bodyIsEmpty = bodyIsEmpty
        self.messageBody = messageBody
        self.sinceUpload = sinceUpload
        self.carriedReply = carriedReply
    }
}

/// An answer's meaning, and the fate of the reply that its POST carried.
package struct AnswerReading: Sendable, Equatable {
    package let answer: PollAnswer
    package let replyFate: ReplyFate
    /// Whether the next POST of the slot waits for the backoff. An idle answer within 1 s of the upload's end does:
    /// whatever the relay answers, there is no hot loop.
    package let countsAsError: Bool
}
