import Synchronization

/// A number that only grows. Adding takes no lock and orders nothing.
package final class Counter: Sendable {
    private let total = Atomic<UInt64>(0)

    package func add(_ amount: Int = 1) {
        total.wrappingAdd(UInt64(max(0, amount)), ordering: .relaxed)
    }

    package var value: UInt64 { total.load(ordering: .relaxed) }
}

/// A number that goes up and down.
package final class Gauge: Sendable {
    private let current = Atomic<Int>(0)

    package func set(_ value: Int) { current.store(value, ordering: .relaxed) }

    package func add(_ amount: Int) { current.wrappingAdd(amount, ordering: .relaxed) }

    package var value: Int { current.load(ordering: .relaxed) }
}
