import FPWProtocol

/// A `[host."NAME"]` table: who may serve the names that its pattern covers.
final class Site: Sendable {
    let pattern: String
    /// Whether the pattern covers every name below another.
    let isWildcard: Bool
    let tokens: [Token]
    /// Slots of each name; nil: what `[relay]` says.
    let maxSlots: Int?
    let metrics: SiteMetrics

    init(pattern: String, tokens: [Token], maxSlots: Int? = nil, metrics: SiteMetrics) {
        self.pattern = pattern
        isWildcard = pattern.hasPrefix("*.")
        self.tokens = tokens
        self.maxSlots = maxSlots
        self.metrics = metrics
    }
}
