import FPWConfig
import FPWMetrics
import FPWProtocol
import FPWService
import FPWTransport

/// The visits that are kept with their headers and bodies, and what the page may do with them.
///
/// Off in the service unless configured: what visitors send is nobody's business but the upstream's.
final class Inspector: Sendable {
    private let ring: VisitRing
    private let store = Locked(InspectorStore())
    /// What the copies of visits under way may take. Where it is used up, the next bodies are kept cut short.
    let captures = KeepBudget(bytes: 16 << 20)
    private let replays: Family<Counter>

    init(ring: VisitRing, replays: Family<Counter>) {
        self.ring = ring
        self.replays = replays
    }

    func keep(_ visit: KeptVisit, as number: Int) { store.withLock { $0.keep(visit, as: number) } }

    func detail(_ number: Int) -> VisitDetail? {
        guard let visit = store.withLock({ $0[number] }), let summary = ring.visit(number) else { return nil }
        return VisitDetail(summary: summary, visit: visit)
    }

    /// Sends a kept visit's request again; returns the new visit's number.
    func sendAgain(
        _ number: Int, _ edit: ReplayRequest.Edit, by replayer: Replayer, tunnels: [Tunnel]
    ) async throws(ReplayRequest.Refusal) -> Int {
        guard let visit = store.withLock({ $0[number] }) else { throw .noLongerKept }
        guard let tunnel = tunnels.first(where: { $0.config.name == visit.tunnel }) else {
            throw ReplayRequest.Refusal(status: 409, reason: "there is no tunnel \(visit.tunnel) any more")
        }
        let request = try ReplayRequest(visit, number: number, edit)
        replays.series(visit.tunnel).add()
        let began = PageProgram.milliseconds
        let result = try await replayer.send(request, to: tunnel)
        let message = KeptMessage(
            headers: request.headers, body: Array(request.body.prefix(KeptMessage.bodyLimit)),
            bodySize: request.body.count)
        let again = KeptVisit(
            tunnel: visit.tunnel, method: request.method, target: request.target, request: message,
            status: result.status, response: result.response)
        let newNumber = ring.add(VisitSummary(again, result, began: began, replayOf: number))
        keep(again, as: newNumber)
        return newNumber
    }
}

extension ReplayRequest.Refusal {
    static let noLongerKept = Self(status: 404, reason: "this visit is no longer kept")
}

extension VisitSummary {
    fileprivate init(_ visit: KeptVisit, _ result: Replay.Result, began: Int, replayOf: Int) {
        self.init()
        at = began
        requestID = visit.request.headers.firstString("x-request-id")
        place = visit.tunnel
        method = visit.method.name
        target = visit.target.description
        status = result.status
        upstreamTook = result.upstreamTook
        took = result.took
        received = visit.request.bodySize
        sent = visit.response.bodySize
        error = result.error
        self.replayOf = replayOf
        isKept = true
    }
}
