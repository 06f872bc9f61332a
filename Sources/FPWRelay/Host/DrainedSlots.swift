import FPWProtocol
import NIOCore

/// Remembers the slots that were closed, so that a poll of theirs that was still on its way is not parked
/// (PROTOCOL.md §4, drain).
struct DrainedSlots {
    /// More are not remembered, whatever a slot sends; the oldest go first.
    static let capacity = 4096

    private var until: [SlotID: NIODeadline] = [:]
    private var order = CircularBuffer<SlotID>()

    var isEmpty: Bool { until.isEmpty }

    mutating func insert(_ slot: SlotID, until end: NIODeadline) {
        if until.updateValue(end, forKey: slot) == nil { order.append(slot) }
        if order.count > Self.capacity { forgetOldest() }
    }

    func contains(_ slot: SlotID, at now: NIODeadline) -> Bool {
        until[slot].map { now < $0 } ?? false
    }

    mutating func forgetExpired(at now: NIODeadline) {
        while let oldest = order.first, !contains(oldest, at: now) { forgetOldest() }
    }

    private mutating func forgetOldest() {
        guard let oldest = order.popFirst() else { return }
        until[oldest] = nil
    }
}
