import FPWTransport
import TestSupport

/// Time that passes from one event to the next, and the dice: a history is what its seed makes of them.
final class SimulatedClock {
    private struct Event {
        let at: Moment
        let number: Int
        let action: () -> Void
    }

    private(set) var now = Moment.at(1000)
    var random: SeededGenerator
    private var heap: [Event] = []
    private var count = 0

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    func at(_ moment: Moment, _ action: @escaping () -> Void) {
        count += 1
        heap.append(Event(at: max(moment, now), number: count, action: action))
        var child = heap.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    func after(_ delay: Duration, _ action: @escaping () -> Void) { at(now + delay, action) }

    /// So much in one history is a loop that waits for nothing.
    var isBusy: Bool { count > 200_000 }

    func run(until end: Moment) {
        while !isBusy, let first = heap.first, first.at <= end {
            removeFirst()
            now = first.at
            first.action()
        }
        now = end
    }

    func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &random) < probability }

    func milliseconds(_ range: ClosedRange<Int>) -> Duration { .milliseconds(Int.random(in: range, using: &random)) }

    // Written plainly: a million events pass here in a debug build.

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        let (one, other) = (heap[left].at.nanoseconds, heap[right].at.nanoseconds)
        return one == other ? heap[left].number < heap[right].number : one < other
    }

    private func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            if 2 * parent + 1 < heap.count, isBefore(2 * parent + 1, least) { least = 2 * parent + 1 }
            if 2 * parent + 2 < heap.count, isBefore(2 * parent + 2, least) { least = 2 * parent + 2 }
            if least == parent { return }
            heap.swapAt(least, parent)
            parent = least
        }
    }
}
