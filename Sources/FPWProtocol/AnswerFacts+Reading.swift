extension AnswerFacts {
    /// Decides what the answer means: PROTOCOL.md §2, row by row.
    package func reading() -> AnswerReading {
        let (answer, fate) = meaning()
        return AnswerReading(
            answer: answer, replyFate: carriedReply ? fate : .taken, countsAsError: countsAsError(answer))
    }

    /// Whether the answer hands over a visit: its body is the visitor's then, and no message.
    package var carriesVisit: Bool {
        (200..<300).contains(status) && reference != nil && versionTwoRefusal == nil
    }

    /// Whether fpw-relay says that it is going down: 503, or to a POST that carried a reply 204 (taken) or 409 (too late),
    /// all with `Retry-After` (PROTOCOL.md §4). A proxy may close a connection with any answer, and hides that the relay
    /// does.
    package var announcesLeaving: Bool {
        switch status {
        case 503: headers.contains(FPWField.features)
        case 204, 409: carriedReply && headers.contains(FPWField.features) && headers.contains("retry-after")
        default: false
        }
    }

    private func meaning() -> (PollAnswer, ReplyFate) {
        switch status {
        case 200..<300: accepted()
        case 300..<400: (.redirect(location: headers.first("location").map(MessageText.clean)), .kept)
        case 401, 403: (.refused(status: status, MessageText.clean(messageBody[...])), .kept)
        case 408, 504, 524: (.idle, sinceUpload > .seconds(5) ? .taken : .kept)
        case 409: (.visitGone, .dropped)
        case 429, 503: (.wait(status: status, retryAfter: headers.retryAfter, said: excess), .kept)
        case 400..<500 where carriedReply: (.replyTooLarge(status: status), .dropped)
        default: (.failed(status: status), .kept)
        }
    }

    /// What the relay has too much of.
    private var excess: String { status == 429 ? MessageText.clean(messageBody[...]) : "" }

    private func accepted() -> (PollAnswer, ReplyFate) {
        if let refusal = versionTwoRefusal { return refused(by: refusal) }
        if let reference { return (visit(reference), .taken) }
        let message = MessageText.clean(messageBody[...])
        // A body of line ends alone is what a script at the other end leaves behind.
        return (bodyIsEmpty || message.isEmpty ? .idle : .message(message), .taken)
    }

    private func visit(_ reference: VisitReference) -> PollAnswer {
        do throws(VisitRefusal) {
            return .visit(reference, .success(try Visit(reference: reference, answer: headers)))
        } catch {
            return .visit(reference, .failure(error))
        }
    }

    private func refused(by status: Int) -> (PollAnswer, ReplyFate) {
        let message = MessageText.clean(messageBody[...])
        return status == 401 || status == 403 ? (.refused(status: status, message), .kept) : (.message(message), .taken)
    }

    private func countsAsError(_ answer: PollAnswer) -> Bool {
        switch answer {
        case .visit: false
        case .idle, .visitGone: sinceUpload < .seconds(1)
        case .message, .refused, .replyTooLarge, .wait, .redirect, .failed: true
        }
    }
}

extension HeaderFields {
    /// `Retry-After` (RFC 9110 §10.2.3): seconds, or a date, which is compared with the same answer's `Date`: this machine's
    /// clock may be another one.
    fileprivate var retryAfter: Duration? {
        guard let value = first("retry-after") else { return nil }
        if let seconds = value.decimal { return .seconds(seconds) }
        guard let then = HTTPDate(value), let now = first("date").flatMap({ HTTPDate($0) }) else { return nil }
        return .seconds(Swift.max(0, then.seconds - now.seconds))
    }
}
