import FPWProtocol
import NIOCore
import Testing

@testable import FPWRelay

@Suite("a lost slot, its next poll and its visitor on loops of their own")
struct LostSlotOrderTests {
    private let relay = RelayFixture()
    private let slots = SteppedLoop()
    private let nextPolls = SteppedLoop()
    private let visitors = SteppedLoop()

    private func connect(on loop: SteppedLoop, _ index: Int, as slot: SlotID? = nil) throws -> TestPeer {
        let peer = try TestPeer(relay.relay, RelayLoop(index: index, eventLoop: loop), .visitorsAndSlots)
        peer.slotID = slot
        return peer
    }

    /// A slot that has got the visit, of which nothing was acknowledged.
    private func visit(_ method: String) throws -> (visitor: TestPeer, slot: TestPeer, id: String) {
        let slot = try connect(on: slots, 0, as: SlotID())
        try slots.turn { try slot.post() }
        slot.acknowledged = 0
        let visitor = try connect(on: visitors, 2)
        try visitors.turn { try visitor.send("\(method) / HTTP/1.1\r\nhost: blog.test\r\n\r\n") }
        slots.run()
        visitors.run()
        return (visitor, slot, try slot.visitID())
    }

    /// Which loops come to their tasks in which order after the slot has polled.
    @Test(
        "give the visit to the poll in whatever order they come to know",
        arguments: ["GET", "POST"], [[0, 2, 2], [2, 0, 2], [2, 0, 0, 2]])
    func pollsBeforeTheEndIsKnown(method: String, order: [Int]) throws {
        let (_, slot, id) = try visit(method)
        slots.turn { slot.breakOff() }
        let next = try connect(on: nextPolls, 1, as: slot.slotID)
        try nextPolls.turn { try next.post() }
        for index in order { [slots, nextPolls, visitors][index].run() }
        nextPolls.run()
        #expect(next.received().contains("fpw-id: \(id)"))
    }

    @Test("give a visit that was never seen to the second of two polls that come at once", arguments: ["GET", "POST"])
    func pollsTwice(method: String) throws {
        let (visitor, slot, id) = try visit(method)
        let next = try connect(on: nextPolls, 1, as: slot.slotID)
        let last = try connect(on: nextPolls, 1, as: slot.slotID)
        for poll in [next, last] { try nextPolls.turn { try poll.post() } }
        slots.turn { slot.breakOff() }
        for loop in [visitors, slots, visitors, nextPolls] { loop.run() }
        #expect(last.received().contains("fpw-id: \(id)"))
        #expect(visitor.received() == "")
    }
}
