import FPWProtocol
import NIOCore

/// The polls that wait for a visitor: last parked, first served, so that surplus slots stay idle and can be closed.
///
/// One stack per event loop, because a visit costs least on a slot of the visitor's own loop.
struct ParkedPolls<Post: AnyObject> {
    struct Poll {
        let post: Post
        let slot: SlotID?
        let parkedAt: NIODeadline
    }

    /// By loop; each in the order of parking, hence of expiry.
    private var stacks: [[Poll]] = []
    private(set) var count = 0

    mutating func park(_ poll: Poll, loop: Int) {
        while stacks.count <= loop { stacks.append([]) }
        stacks[loop].append(poll)
        count += 1
    }

    /// Takes the poll that was parked last on this loop, else last of all.
    mutating func take(preferring loop: Int) -> Poll? {
        guard count > 0 else { return nil }
        count -= 1
        if loop < stacks.count, let poll = stacks[loop].popLast() { return poll }
        let last = stacks.indices.max { (stacks[$0].last?.parkedAt).isBefore(stacks[$1].last?.parkedAt) }
        return last.flatMap { stacks[$0].popLast() }
    }

    /// Takes out a poll whose connection is gone; false where it is not parked.
    mutating func remove(_ post: Post, loop: Int) -> Bool {
        guard loop < stacks.count, let index = stacks[loop].lastIndex(where: { $0.post === post }) else { return false }
        stacks[loop].remove(at: index)
        count -= 1
        return true
    }

    /// Takes out the poll of one slot.
    mutating func remove(slot: SlotID) -> Post? {
        for loop in stacks.indices {
            guard let index = stacks[loop].lastIndex(where: { $0.slot == slot }) else { continue }
            count -= 1
            return stacks[loop].remove(at: index).post
        }
        return nil
    }

    /// Takes out all that a condition holds for.
    mutating func removeAll(where condition: (Poll) -> Bool) -> [Post] {
        var removed: [Post] = []
        for loop in stacks.indices {
            removed += stacks[loop].filter(condition).map(\.post)
            stacks[loop].removeAll(where: condition)
        }
        count -= removed.count
        return removed
    }

    /// Takes out all that were parked at `time` or before.
    mutating func removeAll(parkedBy time: NIODeadline) -> [Post] {
        var removed: [Post] = []
        for loop in stacks.indices {
            let expired = stacks[loop].prefix { $0.parkedAt <= time }
            removed += expired.map(\.post)
            stacks[loop].removeFirst(expired.count)
        }
        count -= removed.count
        return removed
    }
}

extension NIODeadline? {
    fileprivate func isBefore(_ other: NIODeadline?) -> Bool {
        guard let other else { return false }
        return self.map { $0 < other } ?? true
    }
}
