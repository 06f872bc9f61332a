import FPWConfig
import FPWProtocol
import FPWService
import NIOCore

/// How many connections each address has, so that none can have them all.
///
/// An address from which a slot has shown a good token is not bounded as long as that slot's connection lasts: fpwd opens
/// hundreds at once.
struct ConnectionBounds {
    enum Admission {
        /// A loopback address or a trusted proxy, behind which there are many.
        case uncounted
        /// The connection counts until `closed` is told of it.
        case counted(AddressBlock)
        /// - Parameter report: how many were turned away since the last one, where it is time for one.
        case refused(AddressBlock, report: Int?)
    }

    private struct Count {
        var strangers = 0
        var slots = 0
        /// The good tokens that they have shown, and how many of them each.
        var tokens: [Token: Int] = [:]
    }

    /// For each address; nil: any number.
    private var limit: Int?
    private var proxies: [AddressRange]
    private var counts: [AddressBlock: Count] = [:]
    private var folding = Folding()

    init(limit: Int?, proxies: [AddressRange]) {
        (self.limit, self.proxies) = (limit, proxies)
    }

    /// What is open stays open, and counts as before.
    mutating func apply(limit: Int?, proxies: [AddressRange]) {
        (self.limit, self.proxies) = (limit, proxies)
    }

    mutating func opened(from address: IPAddress?, at now: NIODeadline) -> Admission {
        guard let address, !address.isLoopback, !proxies.contains(where: { $0.contains(address) }) else {
            return .uncounted
        }
        let block = AddressBlock(address)
        let count = counts[block, default: Count()]
        guard count.strangers < limit ?? .max || count.slots > 0 else {
            return .refused(block, report: folding.note(1, at: now))
        }
        counts[block, default: Count()].strangers += 1
        return .counted(block)
    }

    /// The good tokens that open connections of the address have shown.
    func tokens(of block: AddressBlock) -> [Token] { counts[block].map { Array($0.tokens.keys) } ?? [] }

    /// A counted connection has shown a good token.
    mutating func becameSlots(_ block: AddressBlock) {
        counts[block]?.strangers -= 1
        counts[block]?.slots += 1
    }

    /// A counted connection has shown this one for the first time.
    mutating func showed(_ token: Token, _ block: AddressBlock) {
        counts[block]?.tokens[token, default: 0] += 1
    }

    /// - Parameter tokens: those that it has shown.
    mutating func closed(_ block: AddressBlock, isSlots: Bool, tokens: [Token] = []) {
        guard var count = counts[block] else { return }
        for token in tokens {
            let others = count.tokens[token, default: 1] - 1
            count.tokens[token] = others > 0 ? others : nil
        }
        if isSlots { count.slots -= 1 } else { count.strangers -= 1 }
        counts[block] = count.strangers + count.slots > 0 ? count : nil
    }
}
