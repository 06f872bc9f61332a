import FPWConfig
import NIOCore

/// Counts refused tokens per address, so that a loop gone wild costs little and cannot flood the log.
struct RefusalLimiter {
    /// Refusals in a minute that are explained and logged; what follows is told to wait.
    static let perMinute = 60
    /// Addresses that are remembered; beyond it all begin anew.
    static let capacity = 4096

    private var counts: [AddressBlock?: Int] = [:]
    private var minuteEnds = NIODeadline.uptimeNanoseconds(0)

    /// Counts a refusal; false where the address has had its share of this minute.
    mutating func admits(_ address: AddressBlock?, at now: NIODeadline) -> Bool {
        if minuteEnds <= now || counts.count >= Self.capacity {
            counts.removeAll()
            minuteEnds = now + .minutes(1)
        }
        counts[address, default: 0] += 1
        return counts[address, default: 0] <= Self.perMinute
    }
}
