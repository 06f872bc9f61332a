import FPWProtocol
import NIOCore

/// What the names of one table share, be it one or those of a wildcard.
struct TableCommons: Sendable {
    let drained = DrainedSlots()
    let waiting = WaitingVisitors()
}

/// The names that have come into being below one wildcard, by the token that made them: who has most makes room first.
struct WildcardNames {
    /// How many names are looked at for one that may go: a POST costs no walk over them all.
    static let looks = 256

    /// The oldest first; nil: the configuration named them before.
    private var byMaker: [Token?: CircularBuffer<HostName>] = [:]
    private(set) var count = 0
    let commons = TableCommons()

    mutating func add(_ name: HostName, madeBy maker: Token?) {
        byMaker[maker, default: []].append(name)
        count += 1
    }

    /// Takes out one that may go for a further one: of the token that will have most of them, or the next, the oldest first.
    /// What may not go stands behind the others then.
    ///
    /// - Parameters:
    ///   - asker: the token of the further one.
    ///   - share: of each token.
    ///   - mayGo: of a name, and whether its token has no more than its share.
    mutating func makeRoom(
        for asker: Token, share: Int, where mayGo: (HostName, _ isFair: Bool) -> Bool
    ) -> HostName? {
        var looks = Self.looks
        let numbers = byMaker.mapValues(\.count).merging([asker: 1], uniquingKeysWith: +)
        for (maker, number) in numbers.sorted(by: { $0.value > $1.value }) {
            let visible = min(byMaker[maker]?.count ?? 0, looks)
            looks -= visible
            for _ in 0..<visible {
                guard let name = byMaker[maker]?.popFirst() else { break }
                if mayGo(name, number <= share) {
                    forgetIfEmpty(maker)
                    count -= 1
                    return name
                }
                byMaker[maker]?.append(name)
            }
        }
        return nil
    }

    mutating func remove(_ names: Set<HostName>) {
        for maker in byMaker.keys {
            byMaker[maker]?.removeAll(where: names.contains)
            forgetIfEmpty(maker)
        }
        count = byMaker.values.reduce(0) { $0 + $1.count }
    }

    mutating func removeAll() {
        byMaker = [:]
        count = 0
    }

    private mutating func forgetIfEmpty(_ maker: Token?) {
        if byMaker[maker]?.isEmpty == true { byMaker[maker] = nil }
    }
}
