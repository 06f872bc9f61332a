import FPWProtocol
import Testing

@testable import FPWRelay

@Suite("a reply whose POST breaks")
struct ResendTests {
    let relay = RelayFixture()

    /// A visit whose reply, `0123456789`, broke after four bytes.
    private func brokenReply(_ framing: String, _ begun: String) throws -> (TestPeer, String, SlotID?) {
        let slot = try relay.slot()
        let visitor = try relay.visitor()
        let id = try slot.visitID()
        try slot.beginReply(to: id, framing: framing)
        try slot.send(begun)
        #expect(visitor.received().hasSuffix(begun))
        slot.breakOff()
        return (visitor, id, slot.slotID)
    }

    @Test(
        "is continued by a resend where it broke",
        arguments: [
            ("content-length: 10", "0123", "content-length: 10", "0123456789", "456789"),
            (
                "transfer-encoding: chunked", "4\r\n0123\r\n", "transfer-encoding: chunked",
                "a\r\n0123456789\r\n0\r\n\r\n", "6\r\n456789\r\n0\r\n\r\n"
            ),
            (
                "transfer-encoding: chunked", "4\r\n0123\r\n", "content-length: 10", "0123456789",
                "6\r\n456789\r\n0\r\n\r\n"
            ),
        ])
    func resend(framing: String, begun: String, againFraming: String, again: String, rest: String) throws {
        let (visitor, id, slot) = try brokenReply(framing, begun)
        let peer = try relay.connect(as: slot)
        try peer.beginReply(to: id, framing: againFraming, fields: "fpw-resend: 1\r\n")
        try peer.send(again)
        #expect(visitor.received() == rest)
        #expect(visitor.isOpen && peer.isOpen)
    }

    @Test(
        "is broken off where the resend is another reply",
        arguments: [(200, "content-length: 9", "012345678"), (404, "content-length: 10", "0123456789")])
    func otherReply(status: Int, framing: String, body: String) throws {
        let (visitor, id, slot) = try brokenReply("content-length: 10", "0123")
        let peer = try relay.connect(as: slot)
        try peer.beginReply(to: id, status: status, framing: framing, fields: "fpw-resend: 1\r\n")
        try peer.send(body)
        #expect(visitor.received() == "" && !visitor.isOpen)
        #expect(peer.received() == "" && peer.isOpen, "a small reply is swallowed and its POST parked")
    }

    @Test("is broken off where no resend comes in time")
    func noResend() throws {
        let (visitor, _, _) = try brokenReply("content-length: 10", "0123")
        relay.pass(seconds: 9)
        #expect(visitor.isOpen)
        relay.pass(seconds: 11)
        #expect(visitor.received() == "" && !visitor.isOpen)
    }

    @Test("is broken off at once where its slot polls without it")
    func slotReturned() throws {
        let (visitor, _, slot) = try brokenReply("content-length: 10", "0123")
        let peer = try relay.connect(as: slot)
        try peer.post()
        #expect(visitor.received() == "" && !visitor.isOpen)
        #expect(peer.received() == "" && peer.isOpen)
    }

    @Test("is replaced by a resend on another connection while the first hangs")
    func replaced() throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor()
        let id = try slot.visitID()
        try slot.beginReply(to: id, framing: "content-length: 4")
        try slot.send("01")
        let peer = try relay.connect(as: slot.slotID)
        try peer.reply(to: id, fields: "fpw-resend: 1\r\n", body: "0123")
        #expect(visitor.received() == "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n0123")
        #expect(!slot.isOpen && peer.isOpen)
    }

    @Test("is answered 409 where it was taken whole the first time")
    func takenAlready() throws {
        let slot = try relay.slot()
        _ = try relay.visitor()
        let id = try slot.visitID()
        try slot.reply(to: id, body: "0123")
        slot.breakOff()
        let peer = try relay.connect(as: slot.slotID)
        try peer.reply(to: id, fields: "fpw-resend: 1\r\n", body: "0123")
        #expect(peer.received().hasPrefix("HTTP/1.1 409 ") && peer.isOpen)
    }
}
