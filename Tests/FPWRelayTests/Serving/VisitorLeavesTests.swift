import FPWConfig
import FPWProtocol
import Testing

@testable import FPWRelay

@Suite("a visitor who leaves")
struct VisitorLeavesTests {
    let relay = RelayFixture()

    @Test("in the upload: the slot's connection is closed")
    func inUpload() throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor("POST / HTTP/1.1\r\nhost: blog.test\r\ncontent-length: 9\r\n\r\nabc")
        _ = try slot.visitID()
        visitor.leave()
        #expect(!slot.isOpen)
    }

    @Test(
        "in the reply: a large one is stopped with 409, a small one swallowed",
        arguments: [
            ("content-length: 100000", "abc", true), ("transfer-encoding: chunked", "3\r\nabc\r\n", true),
            ("content-length: 65539", "abc", false),
        ])
    func inReply(framing: String, begun: String, isStopped: Bool) throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor()
        try slot.beginReply(to: slot.visitID(), framing: framing)
        try slot.send(begun)
        visitor.leave()
        let answer = slot.received()
        #expect(answer.hasPrefix("HTTP/1.1 409 ") == isStopped)
        #expect(answer.contains("connection: close") == isStopped)
    }

    @Test(
        "in between: the reply is swallowed where it is small or whole, and its POST is the next poll",
        arguments: [
            ("content-length: 3", "abc", false), ("transfer-encoding: chunked", "3\r\nabc\r\n0\r\n\r\n", false),
            ("content-length: 100000", "abc", true),
        ])
    func inBetween(framing: String, body: String, isStopped: Bool) throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor()
        let id = try slot.visitID()
        visitor.leave()
        let reply =
            "POST / HTTP/1.1\r\nhost: x\r\nfpw-host: blog.test\r\nfpw-token: \(RelayFixture.token)\r\n"
            + "fpw-slot: \(try #require(slot.slotID))\r\nfpw-id: \(id)\r\nfpw-status: 200\r\n\(framing)\r\n\r\n\(body)"
        try slot.send(reply)
        #expect(slot.received().hasPrefix("HTTP/1.1 409 ") == isStopped)
        _ = try relay.visitor()
        #expect(slot.received().contains("fpw-rid: ") == !isStopped)
    }

    @Test("in between, and whose slot is lost then, counts as a slot for the resend window")
    func slotLostAfterwards() throws {
        let relay = RelayFixture { $0.relay.maxSlots = 1 }
        let slot = try relay.slot()
        let visitor = try relay.visitor()
        _ = try slot.visitID()
        visitor.leave()
        slot.breakOff()
        let early = try relay.connect(as: SlotID())
        try early.post()
        #expect(early.received().hasPrefix("HTTP/1.1 429 "))
        relay.pass(seconds: 11)
        _ = try relay.slot()
        #expect(try relay.visitor().received() == "")
    }

    @Test("while waiting is not handed over")
    func whileWaiting() throws {
        let slot = try relay.slot()
        _ = try relay.visitor()
        let id = try slot.visitID()
        let waiting = try relay.visitor()
        waiting.leave()
        try slot.reply(to: id)
        #expect(slot.received() == "")
    }
}
