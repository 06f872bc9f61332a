import FPWProtocol
import NIOCore
import Testing

@testable import FPWRelay

@Suite("a host decides which slot serves which visitor")
struct HostMachineTests {
    var host = Machine.make()
    let id = VisitID()
    let visitor = Party("visitor")
    let poll = Party("poll")
    let reply = Party("reply")

    private mutating func handOver(slot: SlotID? = .first) {
        host.handOver(visitor, id: id, to: poll, of: slot)
    }

    @Test("with no slot online a visitor is refused at once")
    mutating func noSlot() {
        #expect(text(host.visitorArrived(visitor, id: id, loop: 0, at: .at(0))) == "refused: no-slot")
    }

    @Test("the poll that was parked last serves first")
    mutating func lastParkedFirstServed() {
        for name in ["a", "b", "c"] { _ = host.pollEnded(Party(name), slot: nil, loop: 0, at: .at(0)) }
        let placements = (0..<4).map { _ in text(host.visitorArrived(visitor, id: VisitID(), loop: 0, at: .at(1))) }
        #expect(placements == ["hand over to c", "hand over to b", "hand over to a", "waits"])
    }

    @Test("a slot of the visitor's own loop serves before one that was parked later on another")
    mutating func ownLoopFirst() {
        _ = host.pollEnded(Party("own"), slot: nil, loop: 1, at: .at(0))
        _ = host.pollEnded(Party("older"), slot: nil, loop: 2, at: .at(1))
        _ = host.pollEnded(Party("newer"), slot: nil, loop: 0, at: .at(2))
        let placements = (0..<3).map { _ in text(host.visitorArrived(visitor, id: VisitID(), loop: 1, at: .at(3))) }
        #expect(placements == ["hand over to own", "hand over to newer", "hand over to older"])
    }

    @Test("visitors wait first in, first out, and those who left are passed over")
    mutating func firstInFirstOut() {
        handOver()
        let ids = (0..<3).map { _ in VisitID() }
        for (index, id) in ids.enumerated() {
            #expect(text(host.visitorArrived(Party("v\(index)"), id: id, loop: 0, at: .at(1))) == "waits")
        }
        #expect(text(host.visitorLeft(ids[1], bodyIsIncomplete: true, at: .at(2))) == "unnoticed")
        let served = (0..<3).map { _ in text(host.pollEnded(Party("p"), slot: nil, loop: 0, at: .at(3))) }
        #expect(served == ["takes v0", "takes v2", "parked"])
    }

    @Test("more visitors than the queue's limit are refused")
    mutating func queueLimit() {
        host = Machine.make { $0.queueLimit = 1 }
        handOver()
        #expect(text(host.visitorArrived(visitor, id: VisitID(), loop: 0, at: .at(0))) == "waits")
        #expect(text(host.visitorArrived(visitor, id: VisitID(), loop: 0, at: .at(0))) == "refused: queue-full")
    }

    @Test(
        "a host may take of the room for all visitors what its table leaves to the others",
        arguments: [(0, 0, 5), (0, 9, 1), (0, 10, 0), (3, 3, 2), (3, 7, 0), (5, 5, 0), (0, 12, 0)])
    mutating func roomForAll(ofTable: Int, everywhere: Int, more: Int) {
        host = Machine.make { $0.waitingEverywhere = 10 }
        handOver()
        let placements = (0...more).map {
            text(
                host.visitorArrived(
                    visitor, id: VisitID(), loop: 0, ofTable: ofTable + $0, everywhere: everywhere + $0, at: .at(0)))
        }
        #expect(placements == Array(repeating: "waits", count: more) + ["refused: relay-full"])
    }

    @Test("a visitor for whom a slot is parked is served however many wait elsewhere")
    mutating func roomIsNotNeeded() {
        _ = host.pollEnded(poll, slot: .first, loop: 0, at: .at(0))
        #expect(
            text(host.visitorArrived(visitor, id: id, loop: 0, everywhere: .max, at: .at(0))) == "hand over to poll")
    }

    @Test("a visitor who gets no slot in time is failed")
    mutating func queueTimeout() {
        handOver()
        #expect(text(host.visitorArrived(Party("late"), id: VisitID(), loop: 0, at: .at(10))) == "waits")
        #expect(text(host.sweep(at: .at(39))) == [])
        #expect(text(host.sweep(at: .at(40))) == ["fail late: queue-timeout"])
        #expect(host.waitingVisitors == 0)
    }

    @Test("a poll expires after its park time, and its slot is expected back for a while")
    mutating func expiry() {
        _ = host.pollEnded(poll, slot: .first, loop: 0, at: .at(0))
        #expect(text(host.sweep(at: .at(89))) == [])
        #expect(text(host.sweep(at: .at(90))) == ["expire poll"])
        #expect(text(host.visitorArrived(visitor, id: id, loop: 0, at: .at(94))) == "waits")
        #expect(text(host.sweep(at: .at(95))) == ["fail visitor: no-slot"])
    }

    @Test("a complete reply ends its visit; the same reply again is refused")
    mutating func completeReply() {
        handOver()
        #expect(text(host.replyBegan(id, by: reply, slot: .first, isResend: false, at: .at(1))) == "for visitor")
        #expect(host.replyEnded(id, by: reply) == true)
        #expect(host.replyEnded(id, by: reply) == false)
        let again = host.replyBegan(id, by: Party("again"), slot: .first, isResend: true, at: .at(2))
        #expect(text(again) == "refused")
        #expect(host.busyCount == 0)
    }

    @Test(
        "a reply is taken from the slot that has the visit only",
        arguments: [
            (SlotID.first, SlotID.first, "for visitor"), (.first, .second, "refused"), (.first, nil, "refused"),
            (nil, nil, "for visitor"), (nil, .first, "refused"),
        ] as [(SlotID?, SlotID?, String)])
    mutating func boundToSlot(holder: SlotID?, sender: SlotID?, outcome: String) {
        handOver(slot: holder)
        #expect(text(host.replyBegan(id, by: reply, slot: sender, isResend: false, at: .at(1))) == outcome)
    }

    @Test("a second reply is refused while the first arrives, unless it is a resend, which replaces it")
    mutating func resendReplaces() {
        handOver()
        _ = host.replyBegan(id, by: reply, slot: .first, isResend: false, at: .at(1))
        let rival = Party("rival")
        #expect(text(host.replyBegan(id, by: rival, slot: .first, isResend: false, at: .at(2))) == "refused")
        let resend = host.replyBegan(id, by: rival, slot: .first, isResend: true, at: .at(2))
        #expect(text(resend) == "for visitor, replacing reply")
        #expect(host.replyBroke(id, by: reply, at: .at(3)) == nil)
        #expect(host.replyEnded(id, by: reply) == false)
        #expect(host.replyEnded(id, by: rival) == true)
    }

    @Test("a broken reply's visit is kept for the resend window, then the visitor's side decides, once")
    mutating func brokenReply() {
        handOver()
        _ = host.replyBegan(id, by: reply, slot: .first, isResend: false, at: .at(1))
        #expect(host.replyBroke(id, by: reply, at: .at(2)) == nil)
        #expect(text(host.sweep(at: .at(11))) == [])
        #expect(text(host.sweep(at: .at(12))) == ["reconsider visitor"])
        #expect(text(host.sweep(at: .at(1000))) == [])
        #expect(text(host.replyBegan(id, by: poll, slot: .first, isResend: true, at: .at(12))) == "for visitor")
        #expect(text(host.redeliver(id, from: nil, at: .at(13))) == "superseded")
    }

    @Test("a visit whose connection was lost is handed to another slot when its visitor's side says so")
    mutating func lostConnection() {
        handOver()
        _ = host.pollEnded(Party("other"), slot: .second, loop: 0, at: .at(0))
        host.connectionLost(id, of: poll, at: .at(1))
        #expect(text(host.sweep(at: .at(11))) == ["reconsider visitor"])
        #expect(text(host.redeliver(id, from: nil, at: .at(11))) == "hand over to other")
        #expect(text(host.replyBegan(id, by: reply, slot: .first, isResend: true, at: .at(12))) == "refused")
        #expect(text(host.replyBegan(id, by: reply, slot: .second, isResend: false, at: .at(12))) == "for visitor")
        #expect(host.counts == HostCounts(handOvers: 2, repeats: 1))
    }

    @Test("a visit that was not delivered waits before those who came later")
    mutating func redeliveredFirst() {
        handOver()
        _ = host.visitorArrived(Party("later"), id: VisitID(), loop: 0, at: .at(1))
        #expect(text(host.redeliver(id, from: poll, at: .at(3))) == "waits")
        #expect(text(host.redeliver(id, from: poll, at: .at(3))) == "superseded")
        let served = (0..<2).map { _ in text(host.pollEnded(Party("p"), slot: nil, loop: 0, at: .at(4))) }
        #expect(served == ["takes visitor", "takes later"])
    }

    @Test("a visit is handed over three times at the most, unless nobody got it")
    mutating func handOverLimit() {
        handOver()
        var outcomes: [String] = []
        var holder = poll
        for index in 0..<5 {
            let next = Party("p\(index)")
            _ = host.pollEnded(next, slot: .second, loop: 0, at: .at(1))
            let wasSeen = index == 0 || index == 4
            if wasSeen { host.connectionLost(id, of: holder, at: .at(1)) }
            outcomes.append(text(host.redeliver(id, from: wasSeen ? nil : holder, at: .at(2))))
            holder = next
        }
        #expect(outcomes == (0..<4).map { "hand over to p\($0)" } + ["refused: slot-lost"])
        #expect(host.busyCount == 0)
    }

    @Test("a visit that no slot takes goes from one to the next for the visit timeout, and no longer")
    mutating func endlessHandOvers() {
        handOver()
        var holder = poll
        let outcomes = [60, 119, 120].map { (seconds: Int64) in
            let next = Party("poll at \(seconds)")
            _ = host.pollEnded(next, slot: .second, loop: 0, at: .at(seconds))
            defer { holder = next }
            return text(host.redeliver(id, from: holder, at: .at(seconds)))
        }
        #expect(outcomes == ["hand over to poll at 60", "hand over to poll at 119", "refused: slot-lost"])
    }

    @Test("a slot that may be dead is given a visit only where there is no other, until it parks again")
    mutating func doubtfulSlot() {
        let polls = (0..<3).map { Party("p\($0)") }
        for (loop, poll) in polls.enumerated() { _ = host.pollEnded(poll, slot: nil, loop: loop, at: .at(Int64(loop))) }
        #expect(host.silentPolls(at: .at(2)).map(\.name) == ["p0", "p1"])
        host.doubt(polls[0], loop: 0)
        host.doubt(polls[2], loop: 2)
        let placements = (0..<3).map { _ in text(host.visitorArrived(Party("v"), id: VisitID(), loop: 0, at: .at(2))) }
        #expect(placements == ["hand over to p1", "hand over to p2", "hand over to p0"])
        _ = host.pollEnded(polls[0], slot: nil, loop: 0, at: .at(3))
        _ = host.pollEnded(polls[1], slot: nil, loop: 1, at: .at(4))
        #expect(text(host.visitorArrived(Party("v"), id: VisitID(), loop: 0, at: .at(4))) == "hand over to p0")
    }

    @Test("a visit without a reply's head in time is failed and forgotten")
    mutating func visitTimeout() {
        handOver()
        #expect(text(host.sweep(at: .at(119))) == [])
        #expect(text(host.sweep(at: .at(120))) == ["fail visitor: visit-timeout"])
        #expect(text(host.replyBegan(id, by: reply, slot: .first, isResend: false, at: .at(121))) == "refused")
    }

    @Test("a visit whose connection was lost is failed all the same when its time is up")
    mutating func visitTimeoutAfterLoss() {
        host = Machine.make { $0.visitTimeout = .seconds(5) }
        handOver()
        host.connectionLost(id, of: poll, at: .at(1))
        #expect(text(host.sweep(at: .at(4))) == [])
        #expect(text(host.sweep(at: .at(5))) == ["fail visitor: visit-timeout"])
    }

    @Test("a visitor who leaves after the hand-over leaves a visit whose reply is met as abandoned")
    mutating func abandoned() {
        handOver()
        #expect(text(host.visitorLeft(id, bodyIsIncomplete: false, at: .at(1))) == "handed over to poll")
        #expect(text(host.replyBegan(id, by: reply, slot: .first, isResend: false, at: .at(2))) == "abandoned")
        #expect(text(host.replyBegan(id, by: reply, slot: .first, isResend: false, at: .at(2))) == "refused")
    }

    @Test("a visit that its visitor has left is awaited for the resend window where its connection is lost, too")
    mutating func abandonedAndLost() {
        handOver()
        _ = host.visitorLeft(id, bodyIsIncomplete: false, at: .at(1))
        host.connectionLost(id, of: reply, at: .at(1))
        _ = host.sweep(at: .at(12))
        #expect(host.busyCount == 1, "it was another connection")
        host.connectionLost(id, of: poll, at: .at(20))
        _ = host.sweep(at: .at(29))
        #expect(host.busyCount == 1)
        _ = host.sweep(at: .at(30))
        #expect(host.busyCount == 0)
    }

    @Test("a visitor who leaves in the upload or in the reply leaves nothing behind")
    mutating func leftMidway() {
        handOver()
        #expect(text(host.visitorLeft(id, bodyIsIncomplete: true, at: .at(1))) == "handed over to poll")
        #expect(text(host.replyBegan(id, by: reply, slot: .first, isResend: false, at: .at(2))) == "refused")
        handOver()
        _ = host.replyBegan(id, by: reply, slot: .first, isResend: false, at: .at(3))
        #expect(text(host.visitorLeft(id, bodyIsIncomplete: false, at: .at(4))) == "replying by reply")
        #expect(host.replyEnded(id, by: reply) == false)
    }

    @Test("the slot that has a visit is awaited with its reply, and no other")
    mutating func awaitedReply() {
        #expect(!host.awaitsReply(id, by: .first))
        handOver()
        let queued = VisitID()
        #expect(text(host.visitorArrived(Party("queued"), id: queued, loop: 0, at: .at(1))) == "waits")
        #expect(host.awaitsReply(id, by: .first))
        #expect(!host.awaitsReply(id, by: .second))
        #expect(!host.awaitsReply(queued, by: nil))
    }
}
