import FPWConfig
import FPWProtocol
import NIOCore

/// Counts refused tokens per address, so that nobody can try many, and a loop gone wild cannot flood the log.
struct RefusalLimiter {
    /// Refusals in a minute that are explained and logged; what follows is told to wait, unread.
    static let perMinute = 60
    /// Addresses that are remembered; beyond it all begin anew.
    static let capacity = 4096

    private var counts: [AddressBlock?: Int] = [:]
    /// The good tokens that addresses behind proxies have shown, and until when that counts.
    private var good: [AddressBlock: [Token: NIODeadline]] = [:]
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

    /// Whether the address has had its share of this minute.
    func isExhausted(_ address: AddressBlock, at now: NIODeadline) -> Bool {
        now < minuteEnds && counts[address, default: 0] >= Self.perMinute
    }

    /// The good tokens that have come from there through a proxy.
    func tokens(of address: AddressBlock, at now: NIODeadline) -> [Token] {
        good[address, default: [:]].filter { now < $0.value }.map(\.key)
    }

    /// A good token has come through a proxy, whose connections do not tell how long the slot is there.
    mutating func admitted(_ token: Token, _ address: AddressBlock, until end: NIODeadline, at now: NIODeadline) {
        if good.count >= Self.capacity, good[address] == nil {
            good = good.filter { $0.value.values.contains { now < $0 } }
        }
        if good.count < Self.capacity || good[address] != nil { good[address, default: [:]][token] = end }
    }
}
