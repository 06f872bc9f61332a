package import NIOCore

/// Adds up what would otherwise be logged again and again.
package struct Folding {
    package static let interval = TimeAmount.minutes(1)

    private var sum = 0
    private var nextReport: NIODeadline?

    package init() {}

    /// Counts; what has come together since the last report where it is time for one.
    package mutating func note(_ count: Int, at now: NIODeadline) -> Int? {
        sum += count
        if let nextReport, now < nextReport { return nil }
        defer { sum = 0 }
        nextReport = now + Self.interval
        return sum
    }
}
