import FPWConfig
import FPWTransport

/// A bucket of tokens for each visitor, kept as the moment at which it will be full again: one number each.
///
/// It holds a bounded number of visitors. Where more come at once, those are forgotten who have used the least.
struct RateTable {
    static let capacity = 16_384

    /// For one token.
    private let interval: Int64
    /// For all of them.
    private let period: Int64
    private var fullAt: [VisitorBlock: Int64] = [:]

    init(_ rate: RequestRate) {
        interval = rate.period.duration.nanoseconds / Int64(rate.count)
        period = interval * Int64(rate.count)
    }

    var count: Int { fullAt.count }

    /// Whether none of the visitor's tokens is missing.
    func isFull(_ visitor: VisitorBlock, at now: Moment) -> Bool {
        fullAt[visitor].map { $0 <= now.nanoseconds } ?? true
    }

    /// Takes a token; where there is none, tells when there will be one.
    mutating func take(_ visitor: VisitorBlock, at moment: Moment) -> Duration? {
        let now = moment.nanoseconds
        let known = fullAt[visitor]
        let next = max(known ?? now, now) + interval
        guard next <= now + period else { return .nanoseconds(next - now - period) }
        if known == nil, fullAt.count >= Self.capacity { makeRoom(at: now) }
        fullAt[visitor] = next
        return nil
    }

    /// The token was not needed.
    mutating func giveBack(_ visitor: VisitorBlock) {
        fullAt[visitor]? -= interval
    }

    private mutating func makeRoom(at now: Int64) {
        fullAt = fullAt.filter { $0.value > now }
        guard fullAt.count > Self.capacity / 2 else { return }
        let median = fullAt.values.sorted()[fullAt.count / 2]
        fullAt = fullAt.filter { $0.value > median }
    }
}
