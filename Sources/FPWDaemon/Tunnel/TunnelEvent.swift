/// What a tunnel tells someone who watches it, beside its log.
enum TunnelEvent: Sendable {
    /// `form` is how the slot that tells of it is known to be open; `publicURL` is where visitors go.
    case link(LinkState.Event, form: SlotState, publicURL: String)
    /// A visit's access line was written.
    case visit(EndedVisit)

    /// For who may fall behind: what the inspector keeps is bounded there, and would not be in a queue.
    var withoutCopies: TunnelEvent {
        guard case .visit(var visit) = self else { return self }
        visit.kept = nil
        return .visit(visit)
    }
}

/// A visit at its end.
struct EndedVisit: Sendable {
    let tunnel: String
    let record: VisitRecord
    /// Bytes of the reply's body.
    let sent: Int
    /// From its arrival to the end of its reply's upload.
    let took: Duration
    /// Its headers and bodies, where the inspector keeps them.
    var kept: KeptVisit?
}

/// Called on the event loops: it must not block.
typealias TunnelObserver = @Sendable (TunnelEvent) -> Void
