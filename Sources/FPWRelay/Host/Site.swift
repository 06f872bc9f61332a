import FPWProtocol

/// A `[host."NAME"]` table: who may serve the names that its pattern covers.
final class Site: Sendable {
    let pattern: String
    let tokens: [Token]
    let metrics: SiteMetrics

    /// Whether the pattern covers every name below another.
    var isWildcard: Bool { pattern.hasPrefix("*.") }

    init(pattern: String, tokens: [Token], metrics: SiteMetrics) {
        self.pattern = pattern
        self.tokens = tokens
        self.metrics = metrics
    }
}
