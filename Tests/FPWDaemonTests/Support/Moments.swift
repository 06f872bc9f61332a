import FPWTransport

extension Moment {
    /// So many seconds after the beginning of a test's time.
    static func at(_ seconds: Double) -> Moment { Moment(nanoseconds: Int64(seconds * 1_000_000_000)) }
}
