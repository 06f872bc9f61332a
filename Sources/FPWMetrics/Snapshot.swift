/// What a metric is, in the exposition formats' words.
package enum MetricKind: String, Sendable {
    case counter, gauge, histogram
}

package enum MetricValue: Equatable, Sendable {
    case number(Double)
    case histogram(HistogramSnapshot)
}

/// A metric with all its series at one moment: all that a writer of an exposition format needs.
package struct FamilySnapshot: Equatable, Sendable {
    package struct Series: Equatable, Sendable {
        /// One for each of the family's label names, in their order.
        package let labelValues: [String]
        package let value: MetricValue

        package init(labelValues: [String] = [], value: MetricValue) {
            self.labelValues = labelValues
            self.value = value
        }
    }

    package let declaration: Declaration
    package let series: [Series]
}

/// What is said once about a metric.
package struct Declaration: Hashable, Sendable {
    /// With its unit; a counter's ends in `_total`, as both Prometheus and OpenMetrics write it.
    package let name: String
    package let help: String
    package let kind: MetricKind
    package let labelNames: [String]

    package init(name: String, help: String, kind: MetricKind, labelNames: [String] = []) {
        precondition(Self.isName(name) && labelNames.allSatisfy(Self.isName), "\(name): not a metric's name")
        precondition((kind == .counter) == name.hasSuffix("_total"), "\(name): counters alone end in _total")
        self.name = name
        self.help = help
        self.kind = kind
        self.labelNames = labelNames
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { $0 == UInt8(ascii: "_") || Character(Unicode.Scalar($0)).isASCIIAlphanumeric }
    }
}

extension Character {
    fileprivate var isASCIIAlphanumeric: Bool { isASCII && (isLetter || isNumber) }
}
