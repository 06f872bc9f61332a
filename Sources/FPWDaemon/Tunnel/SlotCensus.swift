import FPWTransport

/// How many slots a tunnel has and needs: opened ahead of demand, closed after a quiet time.
struct SlotCensus: Sendable {
    /// Idle slots below which more are opened.
    static let spare = 2
    static let quietTime = Duration.seconds(60)

    let workers: Int
    let maxWorkers: Int
    /// Slots that are there or on their way.
    private(set) var total = 0
    private var idle = 0
    private var busy = 0
    private var lastBusy = Moment(nanoseconds: 0)

    init(workers: Int, maxWorkers: Int) {
        self.workers = workers
        self.maxWorkers = maxWorkers
    }

    mutating func opened(_ count: Int) { total += count }

    mutating func closed() { total -= 1 }

    /// A slot's state changed; nil: it was not there before, or is not any more.
    /// - Returns: how many slots shall be opened, counted from now on.
    mutating func slotChanged(from old: SlotState?, to new: SlotState?, at now: Moment) -> Int {
        idle += (new?.isIdle == true ? 1 : 0) - (old?.isIdle == true ? 1 : 0)
        busy += (new == .busy ? 1 : 0) - (old == .busy ? 1 : 0)
        return new == .busy && old != .busy ? growth(at: now) : 0
    }

    private mutating func growth(at now: Moment) -> Int {
        guard idle < Self.spare else { return 0 }
        lastBusy = now
        // Behind a full house as many again may be waiting as are inside: a crowd of any size is met by doubling.
        let wanted = idle == 0 ? max(Self.spare, busy) : Self.spare - idle
        let coming = total - idle - busy
        let count = max(0, min(wanted - coming, maxWorkers - total))
        total += count
        return count
    }

    /// Whether an idle slot may close because there are more than needed; it is no longer counted then.
    mutating func maySpare(at now: Moment) -> Bool {
        guard total > workers, now - lastBusy > Self.quietTime else { return false }
        total -= 1
        return true
    }
}
