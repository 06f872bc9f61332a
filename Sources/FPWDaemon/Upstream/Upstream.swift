import FPWProtocol
import FPWTransport

/// The local web service as one slot sees it: one request at a time.
final class Upstream {
    /// What an answer's body may take before the reply's POST takes it over.
    private static let window = 256 << 10

    /// What the upstream said to a visit.
    enum Answer {
        case head(ReplyHead, fields: HeaderFields)
        case fault(UpstreamFault)
        /// No connection: nothing of the visit has left.
        case unreachable(UpstreamFault)
        /// Nobody waits for an answer any more.
        case visitorGone
    }

    struct Limits {
        var firstByte: Duration
        var idle: Duration
        var maxBody: Int?
    }

    /// The answer's body.
    let body: Body
    private let primary: Transfer
    private let fallback: Transfer?
    /// Of the service that was asked last.
    private var transfer: Transfer
    private let waiter: Waiter
    private var lines = HeaderLines()
    private var isSpooling = false
    /// How much of the answer's body may wait unread.
    private(set) var room = 0

    /// - Parameter tally: counts the answers' bodies.
    init(
        loop: EventLoop, endpoint: Endpoint, fallback: Endpoint? = nil, waiter: Waiter, budget: KeepBudget,
        tally: ByteTally
    ) throws(TransferFailure) {
        primary = try Transfer(loop: loop, endpoint: endpoint, waiter: waiter)
        self.fallback = try fallback.map { (endpoint) throws(TransferFailure) in
            try Transfer(loop: loop, endpoint: endpoint, waiter: waiter)
        }
        transfer = primary
        body = Body(budget: budget, tally: tally)
        self.waiter = waiter
    }

    var isRunning: Bool { transfer.isRunning }
    var headAt: Moment? { transfer.headAt }
    var contentLength: Int? { transfer.contentLength }
    var progressAt: Moment { transfer.progressAt }

    func cancel() { transfer.cancel() }

    /// Lets the rest of the answer's body go through an unlinked file, so that its length is known before it is sent.
    func spool(max: Int) {
        guard !body.isFinished, let descriptor = SpoolFile.open() else { return }
        body.spool(to: descriptor, limit: max)
        isSpooling = true
    }

    /// Why the answer's body failed before its end.
    var brokenOff: UpstreamFault {
        if isSpooling, body.exceededLimit { return .spoolFull }
        return UpstreamFault(transfer.failure ?? TransferFailure(.broken, detail: "the answer broke off"))
    }

    /// Sends the visit and waits for the head of the answer.
    ///
    /// A request that met a connection just closed is repeated once, on a fresh one, where that cannot do harm: the method
    /// is idempotent and the whole body is still at hand.
    /// - Parameter collects: the answer's body waits here up to `keep`. Otherwise it leaves as it comes, and a slow reader
    ///   holds it back: what waits unread is bounded by no budget.
    func ask(
        _ visit: Visit, at target: UpstreamChoice.Target, fields: HeaderFields, visitBody: Transfer.RequestBody,
        keep: Int, collects: Bool, limits: Limits
    ) async -> Answer {
        transfer = target == .fallback ? fallback ?? primary : primary
        lines.replaceAll(with: fields)
        isSpooling = false
        room = collects ? max(Self.window, keep) : Self.window
        for attempt in 1...2 {
            body.reset(window: room, keep: keep)
            var request = Transfer.Request(
                method: visit.method.name, target: visit.target.bytes, headers: lines, body: visitBody, sink: body)
            request.isFresh = attempt > 1
            transfer.start(request)
            guard await waitForHead(visitBody, limits) else {
                let fault = UpstreamFault.timedOut(after: limits.firstByte)
                return transfer.wasIssued ? .fault(fault) : .unreachable(fault)
            }
            let mayRepeat = attempt == 1 && visit.method.isIdempotent && transfer.failure?.kind == .unanswered
            guard mayRepeat, visitBody.rewind() else { break }
        }
        return answer(to: visit, visitBody: visitBody, limits: limits)
    }

    /// Gives up an answer that has stood still: whoever reads it fails.
    func abandon() {
        transfer.cancel()
        body.fail()
    }

    /// The visit is over: nothing of it is kept.
    func clear() {
        transfer.cancel()
        body.reset(window: 0, keep: 0)
    }

    /// Waits for more of the answer's body, its end, or the deadline.
    func waitForBody(until deadline: Moment) async {
        transfer.wakesOnData = true
        defer { transfer.wakesOnData = false }
        let seen = body.written
        _ = await waiter.wait(until: deadline) { [transfer, body] in
            body.written != seen || body.isFinished || body.hasFailed || !transfer.isRunning
        }
    }

    /// False where the time without any progress was up; while the visitor's upload stands still, that is no fault of the
    /// upstream's.
    private func waitForHead(_ visitBody: Transfer.RequestBody, _ limits: Limits) async -> Bool {
        while !transfer.hasHead, transfer.isRunning {
            let deadline = transfer.progressAt + (visitBody.isDry ? limits.idle : limits.firstByte)
            if await waiter.wait(until: deadline, for: { [transfer] in transfer.hasHead || !transfer.isRunning }) {
                return true
            }
            let timeout = visitBody.isDry ? limits.idle : limits.firstByte
            if transfer.progressAt + timeout <= .now {
                transfer.cancel()
                return false
            }
        }
        return true
    }

    private func answer(to visit: Visit, visitBody: Transfer.RequestBody, limits: Limits) -> Answer {
        guard transfer.hasHead else {
            if case .stream(let body, _) = visitBody, body.hasFailed {
                guard body.exceededLimit, let limit = limits.maxBody else { return .visitorGone }
                return .fault(.bodyTooLarge(limit: limit))
            }
            let failure = transfer.failure ?? TransferFailure(.other, detail: "no answer")
            let fault = UpstreamFault(failure)
            return failure.kind.meansUnreachable && !transfer.wasIssued ? .unreachable(fault) : .fault(fault)
        }
        let fields = HeaderFields(headOf: transfer)
        do throws(ReplyFault) {
            try fields.checkFraming()
            return .head(
                try ReplyHead(status: transfer.status, headers: fields, visitMethod: visit.method), fields: fields)
        } catch {
            transfer.cancel()
            return .fault(UpstreamFault(error))
        }
    }
}

extension Transfer.RequestBody {
    /// All that has come of it was sent, and its end has not come.
    fileprivate var isDry: Bool {
        guard case .stream(let body, _) = self else { return false }
        return !body.isFinished && body.consumed == body.written
    }

    /// Whether the body can be sent from its start again.
    fileprivate func rewind() -> Bool {
        guard case .stream(let body, _) = self else { return true }
        return body.rewind()
    }
}
