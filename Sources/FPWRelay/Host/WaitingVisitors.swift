import Synchronization

/// How many visitors wait for a slot, at several hosts together. Any thread may ask and change it.
final class WaitingVisitors: Sendable {
    private let number = Atomic<Int>(0)

    var count: Int { number.load(ordering: .relaxed) }

    func change(by difference: Int) {
        number.add(difference, ordering: .relaxed)
    }
}
