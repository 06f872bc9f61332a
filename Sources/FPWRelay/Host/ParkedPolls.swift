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
        /// The slot may be dead.
        var isDoubtful = false
    }

    /// By loop; each in the order of parking, hence of expiry.
    private var stacks: [[Poll]] = []
    private(set) var count = 0

    mutating func park(_ poll: Poll, loop: Int) {
        while stacks.count <= loop { stacks.append([]) }
        stacks[loop].append(poll)
        count += 1
    }

    /// Takes the poll that was parked last on this loop, else last of all; a doubtful one only where there is no other.
    mutating func take(preferring loop: Int) -> Poll? {
        let trusted = place(on: loop) ?? place(where: { !$0.isDoubtful })
        guard let place = trusted ?? place(where: { _ in true }) else { return nil }
        count -= 1
        return stacks[place.loop].remove(at: place.index)
    }

    private typealias Place = (loop: Int, index: Int)

    private func place(on loop: Int) -> Place? {
        guard loop < stacks.count, let index = stacks[loop].lastIndex(where: { !$0.isDoubtful }) else { return nil }
        return (loop, index)
    }

    private func place(where condition: (Poll) -> Bool) -> Place? {
        let places = stacks.indices.compactMap { loop in
            stacks[loop].lastIndex(where: condition).map { Place(loop: loop, index: $0) }
        }
        return places.max { stacks[$0.loop][$0.index].parkedAt < stacks[$1.loop][$1.index].parkedAt }
    }

    /// Those that were parked at `time` or before.
    func posts(parkedBy time: NIODeadline) -> [Post] {
        stacks.flatMap { $0.prefix { $0.parkedAt <= time }.map(\.post) }
    }

    /// The slot is taken only where there is no other, until it parks again.
    mutating func doubt(_ post: Post, loop: Int) {
        guard loop < stacks.count, let index = stacks[loop].lastIndex(where: { $0.post === post }) else { return }
        stacks[loop][index].isDoubtful = true
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
