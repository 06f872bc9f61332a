import FPWMetrics
import FPWProtocol
import NIOCore

/// Remembers the slots of a table that were closed, so that a poll of theirs that was still on its way is not parked
/// (PROTOCOL.md §4, drain).
///
/// All names below a wildcard share one memory: whoever invents names and slots to be closed fills no more than that.
final class DrainedSlots: Sendable {
    /// More are not remembered, whatever slots send; the oldest go first.
    static let capacity = 16_384

    private struct Memory {
        var until: [SlotID: NIODeadline] = [:]
        var order = CircularBuffer<SlotID>()

        mutating func forgetOldest() {
            guard let oldest = order.popFirst() else { return }
            until[oldest] = nil
        }
    }

    private let memory = Locked(Memory())

    var count: Int { memory.withLock { $0.order.count } }

    func insert(_ slot: SlotID, until end: NIODeadline) {
        memory.withLock { memory in
            if memory.until.updateValue(end, forKey: slot) == nil { memory.order.append(slot) }
            if memory.order.count > Self.capacity { memory.forgetOldest() }
        }
    }

    func contains(_ slot: SlotID, at now: NIODeadline) -> Bool {
        memory.withLock { $0.until[slot].map { now < $0 } ?? false }
    }

    func forgetExpired(at now: NIODeadline) {
        memory.withLock { memory in
            while let oldest = memory.order.first, memory.until[oldest].map({ $0 <= now }) ?? true {
                memory.forgetOldest()
            }
        }
    }
}
