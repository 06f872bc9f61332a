/// The visits that the inspector keeps, by their number: the latest ones that fit.
struct InspectorStore {
    /// All of them together; with `Inspector.captures` 64 MiB.
    static let byteLimit = 48 << 20
    /// The page lists no more.
    static let countLimit = 1000

    private let byteLimit: Int
    private var visits: [Int: KeptVisit] = [:]
    private var oldest = 0
    private var newest = 0
    private(set) var byteCount = 0

    init(byteLimit: Int = InspectorStore.byteLimit) { self.byteLimit = byteLimit }

    var count: Int { visits.count }

    subscript(number: Int) -> KeptVisit? { visits[number] }

    /// Keeps a visit, and gives up the oldest ones where they do not all fit.
    ///
    /// - Parameter number: numbers come almost in order; one that is too old already is not kept.
    mutating func keep(_ visit: KeptVisit, as number: Int) {
        guard number >= oldest, visits[number] == nil else { return }
        if visits.isEmpty { oldest = number }
        newest = max(newest, number)
        visits[number] = visit
        byteCount += visit.byteCount
        while byteCount > byteLimit || visits.count > Self.countLimit { giveUpOldest() }
    }

    private mutating func giveUpOldest() {
        while oldest <= newest {
            defer { oldest += 1 }
            guard let visit = visits.removeValue(forKey: oldest) else { continue }
            byteCount -= visit.byteCount
            return
        }
    }
}
