/// What a family's series are made of: `Counter`, `Gauge` or `Histogram`.
package protocol Instrument: AnyObject, Sendable {
    static var kind: MetricKind { get }
    var reading: MetricValue { get }
}

extension Counter: Instrument {
    package static var kind: MetricKind { .counter }
    package var reading: MetricValue { .number(Double(value)) }
}

extension Gauge: Instrument {
    package static var kind: MetricKind { .gauge }
    package var reading: MetricValue { .number(Double(value)) }
}

extension Histogram: Instrument {
    package static var kind: MetricKind { .histogram }
    package var reading: MetricValue { .histogram(snapshot) }
}
