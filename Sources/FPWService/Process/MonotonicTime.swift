import Glibc

extension timespec {
    /// The moment on CLOCK_MONOTONIC that is `delay` from now.
    static func monotonic(after delay: Duration) -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let (seconds, attoseconds) = delay.components
        let nanoseconds = time.tv_nsec + Int(attoseconds / 1_000_000_000)
        time.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
        time.tv_nsec = nanoseconds % 1_000_000_000
        return time
    }

    /// CLOCK_MONOTONIC in whole microseconds, the unit of systemd's messages.
    static var monotonicMicroseconds: Int {
        let now = monotonic(after: .zero)
        return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
    }
}
