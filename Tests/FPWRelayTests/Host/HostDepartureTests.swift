import FPWProtocol
import NIOCore
import Testing

@testable import FPWRelay

@Suite("a host lets its slots go")
struct HostDepartureTests {
    var host = Machine.make()
    let id = VisitID()
    let visitor = Party("visitor")
    let poll = Party("poll")
    let reply = Party("reply")

    private mutating func handOver() {
        host.handOver(visitor, id: id, to: poll)
    }

    @Test("a drain answers the slot's parked poll, and a poll of it that arrives later is told to go")
    mutating func drain() {
        _ = host.pollEnded(poll, slot: .first, loop: 0, at: .at(0))
        #expect(text(host.drain(.first, at: .at(1))) == "parked: poll")
        #expect(text(host.drain(.second, at: .at(1))) == "unknown")
        let later = [300, 301].map { text(host.pollEnded(Party("late"), slot: .first, loop: 0, at: .at($0))) }
        #expect(later == ["drained", "parked"])
    }

    @Test("a drain finds a slot busy from the hand-over to the reply's end")
    mutating func drainBusy() {
        handOver()
        #expect(text(host.drain(.first, at: .at(1))) == "busy")
        _ = host.replyBegan(id, by: reply, slot: .first, isResend: false, at: .at(2))
        #expect(text(host.drain(.first, at: .at(2))) == "busy")
        #expect(host.replyEnded(id, by: reply) == true)
        #expect(text(host.drain(.first, at: .at(3))) == "unknown")
    }

    @Test("going down dismisses polls and waiting visitors, takes replies, and refuses the rest")
    mutating func goingDown() {
        handOver()
        _ = host.visitorArrived(Party("waiting"), id: VisitID(), loop: 0, at: .at(1))
        #expect(text(host.goDown()) == ["fail waiting: going-down"])
        #expect(text(host.visitorArrived(visitor, id: VisitID(), loop: 0, at: .at(2))) == "refused: going-down")
        #expect(text(host.replyBegan(id, by: reply, slot: .first, isResend: false, at: .at(2))) == "for visitor")
        #expect(host.replyEnded(id, by: reply) == true)
        #expect(text(host.pollEnded(reply, slot: .first, loop: 0, at: .at(3))) == "going down")
    }

    @Test("going down dismisses every parked poll")
    mutating func goingDownIdle() {
        for loop in 0..<3 { _ = host.pollEnded(Party("p\(loop)"), slot: nil, loop: loop, at: .at(0)) }
        #expect(text(host.goDown()) == ["dismiss p0", "dismiss p1", "dismiss p2"])
        #expect(host.parkedCount == 0)
    }

    @Test("a removed host tells its polls to go, finishes what slots have, and takes nothing new until it is restored")
    mutating func removed() {
        handOver()
        _ = host.visitorArrived(Party("waiting"), id: VisitID(), loop: 0, at: .at(1))
        #expect(text(host.remove()) == ["fail waiting: no-slot"])
        #expect(text(host.visitorArrived(visitor, id: VisitID(), loop: 0, at: .at(2))) == "refused: no-slot")
        #expect(!host.isForgettable)
        #expect(text(host.replyBegan(id, by: reply, slot: .first, isResend: false, at: .at(2))) == "for visitor")
        #expect(host.replyEnded(id, by: reply) == true)
        #expect(text(host.pollEnded(reply, slot: .first, loop: 0, at: .at(3))) == "drained")
        #expect(host.isForgettable)
        host.restore()
        #expect(text(host.pollEnded(reply, slot: .first, loop: 0, at: .at(4))) == "parked")
    }

    @Test("a removed host's parked polls expire at once")
    mutating func removedIdle() {
        for loop in 0..<2 { _ = host.pollEnded(Party("p\(loop)"), slot: nil, loop: loop, at: .at(0)) }
        #expect(text(host.remove()) == ["expire p0", "expire p1"])
        #expect(host.parkedCount == 0)
    }

    @Test("a host that is about to go down is not restored by a reload")
    mutating func goingDownForGood() {
        _ = host.goDown()
        host.restore()
        #expect(text(host.visitorArrived(visitor, id: id, loop: 0, at: .at(0))) == "refused: going-down")
    }

    @Test("polls that are not admitted any more are let go, the others stay")
    mutating func letGo() {
        for loop in 0..<4 { _ = host.pollEnded(Party("p\(loop)"), slot: nil, loop: loop % 2, at: .at(0)) }
        #expect(text(host.letGo { $0.name < "p2" }) == ["expire p2", "expire p3"])
        #expect(host.parkedCount == 2)
        #expect(text(host.visitorArrived(visitor, id: id, loop: 0, at: .at(0))) == "hand over to p0")
    }

    @Test(
        "a host whose name is to be forgotten keeps it for slots and visitors that are here, not for one who has left")
    mutating func retired() {
        handOver()
        var isRetired = [host.retire(after: .zero, at: .at(1))]
        _ = host.visitorLeft(id, bodyIsIncomplete: false, at: .at(1))
        isRetired += [host.retire(after: .hours(1), at: .at(3599)), host.retire(after: .zero, at: .at(1))]
        #expect(isRetired == [false, false, true], "in between its slot has polled within the hour")
        #expect(host.isForgettable)
        #expect(text(host.replyBegan(id, by: reply, slot: .first, isResend: false, at: .at(2))) == "refused")
        #expect(text(host.pollEnded(reply, slot: .first, loop: 0, at: .at(2))) == "drained")
    }
}
