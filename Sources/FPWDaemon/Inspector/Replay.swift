import FPWProtocol
import FPWTransport

/// One request that is sent to an upstream again, over a connection of its own. Belongs to its event loop.
final class Replay {
    struct Result: Sendable {
        /// Nil where there was no answer.
        var status: Int?
        var response = KeptMessage()
        var upstreamTook: Duration?
        let took: Duration
        /// A word for the cause where there was no whole answer.
        var error: String?
        /// There was no connection: another service may be asked.
        var isUnreachable = false
    }

    /// Bytes that may wait to be read here.
    private static let window = 64 << 10

    private let transfer: Transfer
    private let waiter: Waiter
    private let body = Body()
    private let answer = Body()
    private let captures: KeepBudget
    private var isEnded = false

    /// - Parameter captures: bounds what is copied of the answer, with all others'.
    init(to endpoint: Endpoint, captures: KeepBudget, on loop: EventLoop) throws(TransferFailure) {
        self.captures = captures
        waiter = Waiter(loop: loop)
        transfer = try Transfer(loop: loop, endpoint: endpoint, waiter: waiter)
    }

    /// Sends the request and reads the answer to its end, but no longer than `limits` say.
    func run(_ request: ReplayRequest, limits: Upstream.Limits) async -> Result {
        let start = Moment.now
        send(request)
        defer { transfer.cancel() }
        let hasAnswer = await waiter.wait(until: start + limits.firstByte) { [transfer] in
            isEnded || transfer.hasHead || !transfer.isRunning
        }
        guard transfer.hasHead else {
            let fault = hasAnswer ? transfer.failure.map { UpstreamFault($0) } : .timedOut(after: limits.firstByte)
            let meansUnreachable = hasAnswer ? transfer.failure?.kind.meansUnreachable == true : true
            return Result(
                took: .now - start, error: fault?.page.reason ?? "stopped",
                isUnreachable: meansUnreachable && !transfer.wasIssued)
        }
        let isWhole = await readToEnd(until: .now + limits.firstByte)
        return Result(
            status: transfer.status, response: KeptMessage(HeaderFields(headOf: transfer), answer),
            upstreamTook: transfer.headAt.map { $0 - start }, took: .now - start,
            error: isWhole ? nil : "upstream-broken")
    }

    /// Gives up; on its loop.
    func end() {
        isEnded = true
        waiter.fire()
    }

    private func send(_ request: ReplayRequest) {
        body.reset(window: request.body.count, keep: request.body.count)
        body.fill(request.body)
        answer.capturesFirst(KeptMessage.bodyLimit, within: captures)
        answer.reset(window: Self.window, keep: 0)
        var lines = HeaderLines()
        lines.replaceAll(with: request.headers)
        transfer.start(
            .init(
                method: request.method.name, target: request.target.bytes, headers: lines,
                body: requestBody(of: request), sink: answer))
    }

    /// Framed as the visit's was.
    private func requestBody(of request: ReplayRequest) -> Transfer.RequestBody {
        if request.body.isEmpty { return request.method.anticipatesContent ? .empty : .none }
        return .stream(body, length: request.body.count)
    }

    /// False where it broke off, or took too long.
    private func readToEnd(until deadline: Moment) async -> Bool {
        transfer.wakesOnData = true
        while !isEnded, Moment.now < deadline {
            while !answer.read(Self.window).isEmpty {}
            if answer.isFinished { return true }
            guard transfer.isRunning, !answer.hasFailed else { return false }
            let seen = answer.written
            _ = await waiter.wait(until: deadline) { [transfer, answer] in
                isEnded || answer.written != seen || answer.isFinished || answer.hasFailed || !transfer.isRunning
            }
        }
        return false
    }
}
