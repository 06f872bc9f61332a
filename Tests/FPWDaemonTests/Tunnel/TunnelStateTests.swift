import FPWProtocol
import FPWTransport
import Testing

@testable import FPWDaemon

@Suite("What a tunnel's slots share")
struct TunnelStateTests {
    private static func state(workers: Int = 4, relieving: Int = 0, open: Int = 0) -> TunnelState {
        var state = TunnelState(workers: workers, maxWorkers: 8, relieving: relieving, now: .at(0))
        for _ in 0..<open { _ = state.slotChanged(from: .opening, to: .assumed, at: .at(0)) }
        return state
    }

    @Test(
        "a predecessor is relieved when as many slots are open as it has, or all that there shall be",
        arguments: [
            (workers: 4, relieving: 3, open: 2, relieves: false), (4, 3, 3, true), (4, 40, 3, false), (4, 40, 4, true),
            (4, 0, 0, true), (1, 4, 0, false), (1, 4, 1, true),
        ])
    func relieves(workers: Int, relieving: Int, open: Int, relieves: Bool) {
        var state = Self.state(workers: workers, relieving: relieving, open: open)
        let said = [state.relieves(), state.relieves()]
        #expect(said == [relieves, false], "once is enough")
    }

    @Test("who has relieved nobody yet leaves that to the next")
    func succession() {
        var second = Self.state(relieving: 3, open: 1)
        var said = [second.relieves()]
        #expect(second.slotsToRelieve == 3)
        for _ in 0..<2 { _ = second.slotChanged(from: .opening, to: .confirmed, at: .at(1)) }
        said.append(second.relieves())
        #expect(said == [false, true])
        #expect(second.slotsToRelieve == 3)
        _ = second.slotChanged(from: .confirmed, to: .opening, at: .at(1))
        #expect(second.slotsToRelieve == 2)
    }

    @Test("all slots of a tunnel whose link is up are to be relieved, also those that are not known to be open yet")
    func soonOpen() {
        var state = Self.state(workers: 4, open: 1)
        #expect(state.slotsToRelieve == 1)
        _ = state.slotOpened(SlotID(), postedAt: .at(0), at: .at(0))
        #expect(state.slotsToRelieve == 4)
    }

    @Test(
        "slots that are too many for the relay bring the link down only where none is open",
        arguments: [(open: 0, isUp: false), (1, true)])
    func crowded(open: Int, isUp: Bool) {
        var state = Self.state(open: open)
        var generator = SystemRandomNumberGenerator()
        _ = state.slotOpened(SlotID(), postedAt: .at(0), at: .at(0))
        let trouble = LinkTrouble(.status(429), detail: "the relay asks to wait (429)")
        for _ in 0..<3 { _ = state.slotFailed(SlotID(), trouble, postedAt: .at(1), at: .at(2), using: &generator) }
        #expect(state.link.isUp == isUp)
    }

    @Test("while a reply finds no descriptor no poll takes one, and replies do")
    func shortage() {
        var state = Self.state()
        let (starving, other) = (SlotID(), SlotID())
        _ = state.slotOpened(other, postedAt: .at(0), at: .at(0))
        func admit(_ slot: SlotID, carriesReply: Bool) -> SlotGate.Link {
            state.admit(slot, afterTrouble: false, carriesReply: carriesReply, at: .at(1)) { .at(1) }
        }
        state.starves(starving)
        var poll = [admit(other, carriesReply: false)]
        let replies = [other, starving].map { admit($0, carriesReply: true) }
        state.isFed(starving)
        poll.append(admit(other, carriesReply: false))
        state.starves(starving)
        state.slotEnded(starving, in: .backoff, wasSpared: false, at: .at(1))
        poll.append(admit(other, carriesReply: false))
        #expect(poll == [.turn(at: .at(1.5)), .post(isProbe: false), .post(isProbe: false)])
        #expect(replies == [.post(isProbe: false), .post(isProbe: false)])
    }

    @Test("slots that close because the upstream is down leave room for as many as are configured")
    func refusing() {
        var state = Self.state(open: 4)
        state.refuse(at: .at(1))
        #expect(state.slotStop == .drain(since: .at(1)))
        for _ in 0..<4 { state.slotEnded(SlotID(), in: .draining, wasSpared: false, at: .at(2)) }
        #expect(state.census.total == 0)
        let opened = state.accept()
        #expect(opened == 4)
        #expect(state.census.total == 4)
        #expect(state.slotStop == .none)
    }
}
