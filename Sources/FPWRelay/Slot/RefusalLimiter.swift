import FPWConfig
import NIOCore

/// Counts refused tokens per address, so that nobody can try many, and a loop gone wild cannot flood the log.
struct RefusalLimiter {
    /// Refusals in a minute that are explained and logged; what follows is told to wait, unread.
    static let perMinute = 60
    /// Addresses that are remembered; beyond it all begin anew.
    static let capacity = 4096

    private var counts: [AddressBlock?: Int] = [:]
    /// Addresses behind proxies that have shown a good token, and until when that counts.
    private var good: [AddressBlock?: NIODeadline] = [:]
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

    /// Whether the address has had its share of this minute, and no slot of its has been heard of.
    func isExhausted(_ address: AddressBlock, at now: NIODeadline) -> Bool {
        guard now < minuteEnds, counts[address, default: 0] >= Self.perMinute else { return false }
        return good[address].map { $0 <= now } ?? true
    }

    /// A good token has come through a proxy, whose connections do not tell how long the slot is there.
    mutating func admitted(_ address: AddressBlock, until end: NIODeadline, at now: NIODeadline) {
        if good.count >= Self.capacity, good[address] == nil { good = good.filter { now < $0.value } }
        if good.count < Self.capacity || good[address] != nil { good[address] = end }
    }
}
