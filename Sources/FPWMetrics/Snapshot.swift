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
