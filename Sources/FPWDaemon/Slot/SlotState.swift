import FPWMetrics

/// What a slot is doing, for metrics and readiness (PROTOCOL.md §4, "hello").
enum SlotState: String, MetricLabel {
    /// Its POST is on the way, or it waits for the link.
    case opening
    /// Parked at a relay that has answered it before.
    case confirmed
    /// Parked, as far as one can tell: sent whole on an established connection, and no answer for a second.
    case assumed
    /// It carries a visit.
    case busy
    /// It waits after trouble.
    case backoff
    /// It takes no more visits.
    case draining

    /// Whether a visitor can be, or is being, served by it.
    var isOpen: Bool { self == .confirmed || self == .assumed || self == .busy }
}

extension SlotState {
    /// Whether the slot waits for a visitor.
    var isIdle: Bool { self == .confirmed || self == .assumed }
}
