/// A tunnel's link, for readiness and status.
struct LinkPhase: Sendable, Equatable {
    let isUp: Bool
    let openSlots: Int
    let trouble: String?
    var isStopping = false
    var upstream = UpstreamHealth()
}
