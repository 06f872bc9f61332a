/// All metrics of a process, in the order of their declaration.
///
/// A struct of the user declares them once, a doc line each; `MetricsFormat` writes them.
package final class MetricRegistry: Sendable {
    private struct Entry: Sendable {
        let declaration: Declaration
        let snapshot: @Sendable () -> FamilySnapshot
        var removeSeries: @Sendable (_ labelName: String, _ value: String) -> Void = { _, _ in }
    }

    private let entries = Locked<[Entry]>([])

    package init() {}

    /// - Parameters:
    ///   - name: with its unit and `_total`, for example `fpwd_received_bytes_total`.
    ///   - help: one sentence.
    package func counter(_ name: String, _ help: String) -> Counter {
        counters(name, help, labels: []).series()
    }

    package func counters(_ name: String, _ help: String, labels: [String]) -> Family<Counter> {
        family(name, help, labels) { Counter() }
    }

    package func gauge(_ name: String, _ help: String) -> Gauge {
        gauges(name, help, labels: []).series()
    }

    package func gauges(_ name: String, _ help: String, labels: [String]) -> Family<Gauge> {
        family(name, help, labels) { Gauge() }
    }

    package func histogram(_ name: String, _ help: String, bounds: [Double]) -> Histogram {
        histograms(name, help, labels: [], bounds: bounds).series()
    }

    package func histograms(
        _ name: String, _ help: String, labels: [String], bounds: [Double]
    ) -> Family<Histogram> {
        family(name, help, labels) { Histogram(bounds: bounds) }
    }

    /// A metric that is not counted but read when somebody asks, such as a queue's length.
    ///
    /// - Parameter read: the series; called on the thread that writes the exposition.
    package func observed(
        _ name: String, _ help: String, _ kind: MetricKind = .gauge, labels: [String] = [],
        read: @escaping @Sendable () -> [FamilySnapshot.Series]
    ) {
        let declaration = Declaration(name: name, help: help, kind: kind, labelNames: labels)
        register(Entry(declaration: declaration) { FamilySnapshot(declaration: declaration, series: read()) })
    }

    /// Removes every series of every family whose label of this name has this value: a tunnel has gone.
    ///
    /// Observed metrics are not concerned: what they read tells which series there are.
    package func removeSeries(where labelName: String, is value: String) {
        for entry in entries.withLock({ $0 }) { entry.removeSeries(labelName, value) }
    }

    /// Every metric at this moment.
    package func snapshot() -> [FamilySnapshot] {
        entries.withLock { $0 }.map { $0.snapshot() }
    }

    private func family<Metric: Instrument>(
        _ name: String, _ help: String, _ labels: [String], make: @escaping @Sendable () -> Metric
    ) -> Family<Metric> {
        let declaration = Declaration(name: name, help: help, kind: Metric.kind, labelNames: labels)
        let family = Family(declaration, make: make)
        register(
            Entry(declaration: declaration) {
                family.snapshot
            } removeSeries: {
                family.removeSeries(where: $0, is: $1)
            })
        return family
    }

    private func register(_ entry: Entry) {
        let name = entry.declaration.name
        precondition(entry.declaration.isSound, "\(name) is not declared as a metric can be")
        entries.withLock { entries in
            precondition(!entries.contains { $0.declaration.name == name }, "\(name) is declared twice")
            entries.append(entry)
        }
    }
}
