/// What is said once about a metric.
package struct Declaration: Hashable, Sendable {
    /// With its unit; a counter's ends in `_total`, as both Prometheus and OpenMetrics write it.
    package let name: String
    package let help: String
    package let kind: MetricKind
    package let labelNames: [String]

    package init(name: String, help: String, kind: MetricKind, labelNames: [String] = []) {
        self.name = name
        self.help = help
        self.kind = kind
        self.labelNames = labelNames
    }

    /// Whether every exposition format can write it.
    var isSound: Bool {
        Self.isName(name, allowsColon: true) && (kind == .counter) == name.hasSuffix("_total")
            && labelNames.allSatisfy { Self.isName($0, allowsColon: false) && !$0.hasPrefix("__") && $0 != "le" }
            && Set(labelNames).count == labelNames.count
    }

    private static func isName(_ text: String, allowsColon: Bool) -> Bool {
        guard let first = text.unicodeScalars.first, !("0"..."9").contains(first) else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_": true
            case ":": allowsColon
            default: false
            }
        }
    }
}
