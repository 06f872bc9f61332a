import FPWMetrics

/// The latest visits, numbered from 1 in the order in which they ended.
///
/// Any thread may add: one lock for each visit.
package final class VisitRing: Sendable {
    /// So many are remembered.
    package static let capacity = 1000
    /// So many are told at once.
    package static let page = 200
    /// Bytes of a target that are remembered: strangers choose its length. The inspector has the original.
    package static let targetLimit = 2048
    /// The same of a method.
    static let methodLimit = 32

    private struct State {
        var visits: [VisitSummary] = []
        var newest = 0

        mutating func add(_ visit: VisitSummary) -> Int {
            newest += 1
            // The place of a visit is its number's: nothing moves when the oldest one goes.
            let place = (newest - 1) % VisitRing.capacity
            if place == visits.count {
                visits.append(visit)
            } else {
                visits[place] = visit
            }
            visits[place].id = newest
            visits[place].target.cut(to: VisitRing.targetLimit)
            visits[place].method.cut(to: VisitRing.methodLimit)
            return newest
        }
    }

    private let state = Locked(State())

    package init() {}

    /// Remembers a visit and returns its number.
    @discardableResult
    package func add(_ visit: VisitSummary) -> Int {
        state.withLock { $0.add(visit) }
    }

    /// A visit by its number; nil where it is not remembered.
    package func visit(_ number: Int) -> VisitSummary? {
        state.withLock { state in
            guard number > state.newest - state.visits.count, number <= state.newest else { return nil }
            return state.visits[(number - 1) % Self.capacity]
        }
    }

    /// The visits after `number`, the oldest ones first, and the number of the latest one of all.
    package func visits(after number: Int) -> (visits: [VisitSummary], newest: Int) {
        state.withLock { state in
            let oldest = max(0, state.newest - state.visits.count)
            let before = max(number, oldest)
            guard before < state.newest else { return ([], state.newest) }
            let numbers = before + 1...min(state.newest, before + Self.page)
            return (numbers.map { state.visits[($0 - 1) % Self.capacity] }, state.newest)
        }
    }
}

extension String {
    /// Leaves so many bytes and `…` where there are more.
    fileprivate mutating func cut(to limit: Int) {
        guard utf8.count > limit else { return }
        self = String(decoding: utf8.prefix(limit), as: UTF8.self) + "…"
    }
}
