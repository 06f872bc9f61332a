import Synchronization

/// Counts observations in buckets of ascending upper bounds, and adds them up.
package final class Histogram: Sendable {
    /// From 1 ms to 60 s: how long a visit takes.
    package static let latencySeconds = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    private let bounds: [Double]
    /// One per bound, and one for what is above them all.
    private let buckets: [Counter]
    private let sum = Atomic<Double>(0)

    package init(bounds: [Double]) {
        precondition(!bounds.isEmpty && zip(bounds, bounds.dropFirst()).allSatisfy(<), "bounds ascend")
        self.bounds = bounds
        buckets = (0...bounds.count).map { _ in Counter() }
    }

    package func observe(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        buckets[bucket].add()
        var expected = sum.load(ordering: .relaxed)
        while true {
            let (exchanged, original) = sum.weakCompareExchange(
                expected: expected, desired: expected + value, ordering: .relaxed)
            if exchanged { return }
            expected = original
        }
    }

    /// Observes a duration in seconds.
    package func observe(_ duration: Duration) { observe(duration / .seconds(1)) }

    /// The observations so far, counted cumulatively as the exposition formats want them.
    package var snapshot: HistogramSnapshot {
        var total: UInt64 = 0
        var cumulative: [HistogramSnapshot.Bucket] = []
        for (bound, bucket) in zip(bounds + [.infinity], buckets) {
            total += bucket.value
            cumulative.append(HistogramSnapshot.Bucket(upperBound: bound, count: total))
        }
        return HistogramSnapshot(buckets: cumulative, sum: sum.load(ordering: .relaxed))
    }
}

/// A histogram's state at one moment.
package struct HistogramSnapshot: Equatable, Sendable {
    package struct Bucket: Equatable, Sendable {
        package let upperBound: Double
        /// Observations up to the bound.
        package let count: UInt64
    }

    /// Ends with the bucket of everything, whose bound is infinity.
    package let buckets: [Bucket]
    package let sum: Double

    package var count: UInt64 { buckets.last?.count ?? 0 }
}
