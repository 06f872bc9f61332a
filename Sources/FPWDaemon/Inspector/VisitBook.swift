import FPWService
import FPWTransport

/// Where ended visits are written down for the status page.
struct VisitBook: Sendable {
    let ring: VisitRing
    let inspector: Inspector

    /// To be called by the tunnels.
    func note(_ event: TunnelEvent) {
        guard case .visit(let visit) = event else { return }
        let number = ring.add(VisitSummary(visit))
        if let kept = visit.kept { inspector.keep(kept, as: number) }
    }
}

extension VisitSummary {
    init(_ visit: EndedVisit) {
        self.init()
        at = PageProgram.milliseconds - visit.took.milliseconds
        requestID = visit.record.id
        place = visit.tunnel
        method = visit.record.method
        target = visit.record.target
        status = visit.record.status
        upstreamTook = visit.record.upstreamTook
        took = visit.took
        received = visit.record.received
        sent = visit.sent
        address = visit.record.address
        error = visit.record.reason
        isKept = visit.kept != nil
    }
}
