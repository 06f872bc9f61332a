extension AnswerFacts {
    /// Decides what the answer means: PROTOCOL.md §2, row by row.
    package func reading() -> AnswerReading {
        let (answer, fate) = meaning()
        return AnswerReading(
            answer: answer, replyFate: carriedReply ? fate : .taken, countsAsError: countsAsError(answer))
    }

    private func meaning() -> (PollAnswer, ReplyFate) {
        switch status {
        case 200..<300: accepted()
        case 300..<400: (.redirect(location: headers.first("location").map(MessageText.clean)), .kept)
        case 401, 403: (.refused(status: status, MessageText.clean(messageBody[...])), .kept)
        case 408, 504, 524: (.idle, sinceUpload > .seconds(5) ? .taken : .kept)
        case 409: (.visitGone, .dropped)
        case 429, 503: (.wait(status: status, retryAfter: RetryAfter.read(headers)), .kept)
        case 400..<500 where carriedReply: (.replyTooLarge(status: status), .dropped)
        default: (.failed(status: status), .kept)
        }
    }

    private func accepted() -> (PollAnswer, ReplyFate) {
        if let refusal = versionTwoRefusal() { return refusal }
        if let reference = VisitReference(in: headers) { return (visit(reference), .taken) }
        return (bodyIsEmpty ? .idle : .message(MessageText.clean(messageBody[...])), .taken)
    }

    private func visit(_ reference: VisitReference) -> PollAnswer {
        do throws(VisitRefusal) {
            return .visit(reference, .success(try Visit(reference: reference, answer: headers)))
        } catch {
            return .visit(reference, .failure(error))
        }
    }

    /// `fpw-status` on an answer is version 2's: anything but 2xx refuses, and the body says why.
    private func versionTwoRefusal() -> (PollAnswer, ReplyFate)? {
        guard let text = headers.firstString(FPWField.status), let status = Int(text), !(200..<300).contains(status)
        else { return nil }
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

/// The `Retry-After` field (RFC 9110 §10.2.3).
enum RetryAfter {
    /// The delay in seconds that the field names; a date is no delay without a clock and is left out.
    static func read(_ fields: HeaderFields) -> Duration? {
        guard let value = fields.first("retry-after"), !value.isEmpty, value.count < 10,
            value.allSatisfy(\.isDigit)
        else { return nil }
        return .seconds(value.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
    }
}
