import CFPWCurl

/// A point in time on the monotonic clock (CLOCK_MONOTONIC): it never jumps and stands still while the machine sleeps.
package struct Moment: Comparable, Hashable, Sendable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static var now: Moment { Moment(nanoseconds: fpw_now()) }
    package static let distantFuture = Moment(nanoseconds: .max)

    package static func < (left: Moment, right: Moment) -> Bool { left.nanoseconds < right.nanoseconds }

    package static func + (moment: Moment, duration: Duration) -> Moment {
        let (sum, overflow) = moment.nanoseconds.addingReportingOverflow(duration.nanoseconds)
        return overflow ? .distantFuture : Moment(nanoseconds: sum)
    }

    package static func - (later: Moment, earlier: Moment) -> Duration {
        .nanoseconds(later.nanoseconds - earlier.nanoseconds)
    }
}

extension Duration {
    /// Whole nanoseconds; durations beyond 292 years are cut to that.
    package var nanoseconds: Int64 { Int64(clamping: attoseconds / 1_000_000_000) }

    package var milliseconds: Int { Int(nanoseconds / 1_000_000) }
}
