import FPWTransport

/// How many slots a tunnel has and needs: opened ahead of demand, closed after a quiet time.
struct SlotCensus: Sendable {
    /// Idle slots below which another is opened.
    static let spare = 2
    static let quietTime = Duration.seconds(60)

    let workers: Int
    let maxWorkers: Int
    private(set) var total = 0
    private var idle = 0
    private var lastBusy = Moment(nanoseconds: 0)

    init(workers: Int, maxWorkers: Int) {
        self.workers = workers
        self.maxWorkers = maxWorkers
    }

    /// A slot became idle or ceased to be.
    mutating func idleChanged(by change: Int) { idle += change }

    /// A slot got a visit. True: one more slot shall be opened, and is counted from now on.
    mutating func becameBusy(at now: Moment) -> Bool {
        guard idle < Self.spare else { return false }
        lastBusy = now
        guard total < maxWorkers else { return false }
        total += 1
        return true
    }

    mutating func opened(_ count: Int) { total += count }

    mutating func closed() { total -= 1 }

    /// Whether an idle slot may close because there are more than needed; it is no longer counted then.
    mutating func maySpare(at now: Moment) -> Bool {
        guard total > workers, now - lastBusy > Self.quietTime else { return false }
        total -= 1
        return true
    }
}
