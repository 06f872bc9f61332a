import FPWProtocol
import FPWTransport

/// One POST to the relay, and the answer to it with the visit's body.
///
/// A slot has two of them: while a visit's body still arrives on one, its reply may already leave on the other.
final class RelayExchange {
    /// What a message is read up to; a platform's page may be longer, its first lines say enough.
    private static let messageLimit = 4 << 10
    private static let messagePatience = Duration.seconds(5)
    private static let visitWindow = 256 << 10
    /// A visitor's body up to this size can be sent to the upstream a second time.
    private static let visitKeep = 64 << 10

    /// Where the visitor's body arrives.
    let visitBody: Body
    /// The next POST opens a connection of its own: those at hand may be dead.
    var isFresh = false
    private let transfer: Transfer
    private var lines = HeaderLines()

    /// - Parameter tally: counts visitors' bodies.
    init(loop: EventLoop, endpoint: Endpoint, waiter: Waiter, tally: ByteTally) throws(TransferFailure) {
        visitBody = Body(tally: tally)
        transfer = try Transfer(loop: loop, endpoint: endpoint, waiter: waiter)
        transfer.wakesOnSent = true
    }

    func start(fields: HeaderFields, body: Transfer.RequestBody, maxVisitBody: Int?) {
        visitBody.reset(window: Self.visitWindow, keep: Self.visitKeep, limit: maxVisitBody)
        lines.replaceAll(with: fields)
        transfer.wakesOnData = false
        var request = Transfer.Request(method: "POST", headers: lines, body: body, sink: visitBody)
        request.isFresh = isFresh
        transfer.start(request)
    }

    func cancel() { transfer.cancel() }

    /// The visit that came this way is over: nothing of its body is kept, nor of the inspector's copy beside it.
    func clear() {
        transfer.cancel()
        visitBody.reset(window: 0, keep: 0)
    }

    var isRunning: Bool { transfer.isRunning }
    var isAnswered: Bool { transfer.hasHead }

    var progress: PostWatch.Progress {
        PostWatch.Progress(
            isAnswered: transfer.hasHead, isRunning: transfer.isRunning, sentAt: transfer.sentAt,
            unreadAt: transfer.unreadAt, progressAt: transfer.progressAt)
    }

    var failure: TransferFailure? { transfer.failure }
    var localAddress: String? { transfer.localAddress }
    var wasIssued: Bool { transfer.wasIssued }
    var wasSentWhole: Bool { transfer.sentAt != nil }

    /// Reads the answer whose head has come: a visit's at once, any other with its message.
    func answer(carriedReply: Bool, waiter: Waiter) async -> (facts: AnswerFacts, reading: AnswerReading) {
        var facts = AnswerFacts(
            status: transfer.status, headers: HeaderFields(headOf: transfer), sinceUpload: sinceUpload,
            carriedReply: carriedReply)
        if !facts.carriesVisit {
            _ = await waitForBody(waiter, bytes: Self.messageLimit, until: .now + Self.messagePatience)
            facts.messageBody = visitBody.read(min(visitBody.written, Self.messageLimit))
            facts.bodyIsEmpty = visitBody.written == 0
            if transfer.isRunning { transfer.cancel() }
        }
        return (facts, facts.reading())
    }

    /// Waits until so many bytes of the visit's body have come, or its end; false where time was up.
    func waitForBody(_ waiter: Waiter, bytes: Int, until deadline: Moment) async -> Bool {
        transfer.wakesOnData = true
        defer { transfer.wakesOnData = false }
        return await waiter.wait(until: deadline) { [transfer, visitBody] in
            visitBody.written >= bytes || visitBody.isFinished || !transfer.isRunning
        }
    }

    /// A visit has come although the reply was not sent whole, which no relay does that keeps to the protocol.
    var bringsVisitTooEarly: Bool { !wasSentWhole && (200..<300).contains(transfer.status) }

    /// A field of the answer whose head has come, for a log line whatever the relay has written into it.
    func shownField(_ name: String) -> String? {
        HeaderFields(headOf: transfer).first(name).map { MessageText.clean($0) }
    }

    /// What the visit says about its body's length.
    var contentLength: Int? { transfer.contentLength }

    private var sinceUpload: Duration {
        guard let sent = transfer.sentAt, let head = transfer.headAt else { return .zero }
        return head - sent
    }
}

extension HeaderFields {
    init(headOf transfer: Transfer) {
        self.init(lines: transfer.headLines, fields: transfer.fieldCount)
        transfer.forEachField { appendField(named: $0, value: $1) }
    }
}

extension HeaderLines {
    mutating func replaceAll(with fields: HeaderFields) {
        removeAll()
        fields.forEachField { append(name: $0, value: $1) }
    }
}
