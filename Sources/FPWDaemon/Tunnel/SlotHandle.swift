import FPWMetrics
import FPWTransport

/// Something that one slot shall do, of many that are asked: the first that can takes it.
struct OneSlot: Sendable {
    private let isTaken = Locked(false)

    /// True for the first who asks.
    func take() -> Bool {
        isTaken.withLock { isTaken in
            defer { isTaken = true }
            return !isTaken
        }
    }
}

/// A slot as other threads see it: what they want of it is done on its loop.
final class SlotHandle: @unchecked Sendable {
    private let loop: EventLoop
    // Read on the loop only, where the slot also ends.
    private weak var slot: Slot?

    init(_ slot: Slot, on loop: EventLoop) {
        self.slot = slot
        self.loop = loop
    }

    func end(_ request: StopRequest) {
        loop.execute { self.slot?.end(request) }
    }

    /// Lets the slot look again at whether it may post.
    func wake() {
        loop.execute { self.slot?.wake() }
    }

    /// The link is up again after an outage, since then.
    func linkReturned(since moment: Moment) {
        loop.execute { self.slot?.linkReturned(since: moment) }
    }

    func makeRoom(_ request: OneSlot) {
        loop.execute { self.slot?.makeRoom(request) }
    }

    func reopen(_ request: OneSlot) {
        loop.execute { self.slot?.reopen(request) }
    }

    func networkChanged(_ change: NetworkChange, reopeningAt moment: Moment) {
        loop.execute { self.slot?.networkChanged(change, reopeningAt: moment) }
    }
}
