import FPWProtocol
import NIOCore
import NIOEmbedded
import Testing

@testable import FPWRelay

@Suite("a slot's connection that is lost with a visit")
struct LostSlotTests {
    let relay = RelayFixture()

    /// A request, how many bytes were sent and acknowledged before a reset, the time since, and where the visit is.
    @Test(
        "hands the visit to another slot where that does no harm",
        arguments: [
            ("GET / HTTP/1.1\r\n", (1000, 0), 4, true), ("GET / HTTP/1.1\r\n", (1000, 1000), 4, false),
            ("GET / HTTP/1.1\r\n", (1000, 1000), 12, true), ("POST / HTTP/1.1\r\n", (0, 0), 4, true),
            ("POST / HTTP/1.1\r\n", (1000, 0), 12, false), ("POST / HTTP/1.1\r\n", (1000, 1000), 12, false),
            ("POST / HTTP/1.1\r\ncontent-length: 3\r\n", (0, 0), 4, true),
            ("PUT / HTTP/1.1\r\ncontent-length: 3\r\n", (1000, 1000), 12, true),
        ])
    func handedOn(request: String, carried: (sent: Int, acknowledged: Int), seconds: Int64, isHandedOn: Bool) throws {
        let other = try relay.slot()
        let slot = try relay.slot()
        let body = request.contains("length") ? "abc" : ""
        let visitor = try relay.visitor(request + "host: blog.test\r\n\r\n" + body)
        let id = try slot.visitID()
        (slot.sent, slot.acknowledged) = carried
        slot.breakOff()
        relay.pass(seconds: seconds)
        let again = other.received()
        #expect(again.contains("fpw-id: \(id)") == isHandedOn)
        #expect(!isHandedOn || again.hasSuffix("\r\n\r\n" + body))
        #expect(visitor.received().hasPrefix("HTTP/1.1 502 ") == (seconds > 10 && !isHandedOn))
    }

    @Test(
        "is no loss where a proxy has reset it, which acknowledges nothing of what the proxy read",
        arguments: ["GET", "POST"])
    func proxyResets(method: String) throws {
        let other = try relay.slot()
        let slot = try relay.connect(as: SlotID())
        try slot.post(fields: "x-forwarded-for: 192.0.2.9\r\n")
        let visitor = try relay.visitor("\(method) / HTTP/1.1\r\nhost: blog.test\r\n\r\n")
        let id = try slot.visitID()
        slot.acknowledged = 0
        slot.breakOff()
        relay.pass(seconds: 60)
        #expect(other.received() == "")
        try relay.connect(as: slot.slotID).reply(to: id, body: "here")
        #expect(visitor.received().hasSuffix("here"))
    }

    @Test("tells by what it sends next whether it got the visit: a poll says no, a reply yes")
    func whatComesNext() throws {
        for isUnseen in [true, false] {
            let slot = try relay.slot()
            slot.acknowledged = 0
            let visitor = try relay.visitor("POST / HTTP/1.1\r\nhost: blog.test\r\n\r\n")
            let id = try slot.visitID()
            slot.breakOff()
            let again = try relay.connect(as: slot.slotID)
            if isUnseen {
                try again.post()
                #expect(try again.visitID() == id)
            }
            try again.reply(to: id, body: "here")
            #expect(visitor.received().hasSuffix("here"))
            again.leave()
        }
    }

    /// What is acknowledged when the poll comes, and whether the connection breaks or falls silent.
    @Test(
        "which is noticed after its next poll gives it the visit again where it acknowledged nothing",
        arguments: [0, 1000], [true, false])
    func pollsBeforeTheEnd(acknowledged: Int, breaks: Bool) throws {
        let slot = try relay.slot()
        slot.acknowledged = acknowledged
        let visitor = try relay.visitor("POST / HTTP/1.1\r\nhost: blog.test\r\n\r\n")
        let id = try slot.visitID()
        let again = try relay.connect(as: slot.slotID)
        try again.post()
        if breaks { slot.breakOff() } else { relay.pass(seconds: 2) }
        #expect(slot.isOpen == (!breaks && acknowledged > 0))
        #expect(again.received().contains("fpw-id: \(id)") == (acknowledged == 0))
        #expect(visitor.received().hasPrefix("HTTP/1.1 502 ") == (acknowledged > 0))
    }

    @Test(
        "may have got a visit that is still on its way to it, whatever poll of its own is read now",
        arguments: [true, false])
    func latePoll(replies: Bool) throws {
        let slot = try relay.slot()
        slot.acknowledged = 0
        let visitor = try relay.visitor("POST / HTTP/1.1\r\nhost: blog.test\r\n\r\n")
        let id = try slot.visitID()
        let late = try relay.connect(as: slot.slotID)
        try late.post()
        #expect(late.received() == "")
        if replies {
            try relay.connect(as: slot.slotID).reply(to: id, body: "here")
            #expect(visitor.received().hasSuffix("here"))
        } else {
            slot.acknowledged = 1000
            relay.pass(seconds: 1)
            #expect(visitor.received().hasPrefix("HTTP/1.1 502 "))
            #expect(late.received() == "")
        }
    }

    @Test("has got the visit where its next poll stands behind it on the same connection")
    func pipelinedPolls() throws {
        let slot = try relay.slot()
        slot.acknowledged = 0
        try slot.post()
        _ = try relay.visitor("POST / HTTP/1.1\r\nhost: blog.test\r\n\r\n")
        #expect(slot.received().matches(of: /fpw-id:/).count == 1)
    }

    @Test("may have got the visit however late it is reset: what was lost at first may have come just before")
    func lateReset() throws {
        let other = try relay.slot()
        let slot = try relay.slot()
        slot.acknowledged = 0
        _ = try relay.visitor("POST / HTTP/1.1\r\nhost: blog.test\r\n\r\n")
        let id = try slot.visitID()
        relay.pass(seconds: 2)
        slot.breakOff()
        #expect(other.received() == "")
        try relay.connect(as: slot.slotID).post()
        #expect(try other.visitID() == id)
    }

    @Test("of a proxy is reset after 3 s without an acknowledgement, and the visit handed on")
    func proxyFallsSilent() throws {
        let other = try relay.slot()
        let slot = try relay.connect(as: SlotID())
        try slot.post(fields: "x-forwarded-for: 192.0.2.9\r\n")
        _ = try relay.visitor("POST / HTTP/1.1\r\nhost: blog.test\r\n\r\n")
        let id = try slot.visitID()
        slot.acknowledged = 0
        relay.pass(seconds: 4)
        #expect(!slot.isOpen)
        #expect(try other.visitID() == id)
    }

    @Test("silently is reset after 3 s without an acknowledgement, and the visit handed on")
    func silentDeath() throws {
        let other = try relay.slot()
        let slot = try relay.slot()
        slot.acknowledged = 0
        let visitor = try relay.visitor()
        let id = try slot.visitID()
        relay.pass(seconds: 2)
        #expect(slot.isOpen)
        relay.pass(seconds: 4)
        #expect(!slot.isOpen)
        #expect(try other.visitID() == id)
        try other.reply(to: id, body: "here")
        #expect(visitor.received().hasSuffix("here"))
    }

    @Test("silently lets the others be asked whether they are there: who does not answer gets no visit")
    func silentDeathOfMany() throws {
        let living = try relay.slot()
        let dead = try (0..<10).map { _ in try relay.slot() }
        for slot in dead { (slot.acknowledged, slot.unansweredProbes) = (0, 1) }
        let visitor = try relay.visitor()
        relay.pass(seconds: 1)
        relay.pass(seconds: 2)
        relay.pass(seconds: 3)
        try living.reply(to: try living.visitID(), body: "here")
        #expect(visitor.received().hasSuffix("here"))
        #expect(dead.filter(\.isOpen).count == 9)
    }

    @Test("has the others probed only until they get a visit or their polls expire")
    func endOfProbes() throws {
        let slots = try (0..<2).map { _ in try relay.slot() }
        for host in relay.relay.hosts.all { host.probeSlots(at: .now() + .seconds(1)) }
        #expect(slots.filter(\.isProbed).count == 2)
        _ = try relay.visitor()
        #expect(slots.filter(\.isProbed).count == 1)
        relay.relay.sweep(at: .now() + .seconds(91))
        #expect(slots.filter(\.isProbed).isEmpty)
    }

    @Test("is kept where the visit was acknowledged")
    func acknowledged() throws {
        let slot = try relay.slot()
        slot.acknowledged = 1000
        _ = try relay.visitor()
        _ = try slot.visitID()
        relay.pass(seconds: 4)
        #expect(slot.isOpen)
    }

    @Test("leaves a visit whose next slot gets every byte of the body, those too that came meanwhile")
    func bodyMeanwhile() throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor("POST / HTTP/1.1\r\nhost: blog.test\r\ncontent-length: 6\r\n\r\nabc")
        (slot.sent, slot.acknowledged) = (0, 0)
        slot.breakOff()
        try visitor.send("def")
        let next = try relay.connect()
        try next.post(slot: SlotID())
        #expect(next.received().hasSuffix("content-length: 6\r\n\r\nabcdef"))
    }

    @Test("that polls again gets no more of a body which another slot gets now")
    func streamingBody() throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor("PUT / HTTP/1.1\r\nhost: blog.test\r\ncontent-length: 6\r\n\r\nabc")
        let id = try slot.visitID()
        slot.acknowledged = 1000
        let again = try relay.connect(as: slot.slotID)
        try again.post()
        try visitor.send("def")
        #expect(!slot.isOpen)
        #expect(slot.received() == "")
        let text = again.received()
        #expect(text.contains("fpw-id: \(id)") && text.hasSuffix("\r\n\r\nabcdef"))
    }

    @Test("while the visitor still sends a long body ends the visit with 502")
    func longBody() throws {
        _ = try relay.slot()
        let slot = try relay.slot()
        let visitor = try relay.visitor(
            "PUT / HTTP/1.1\r\nhost: blog.test\r\ncontent-length: 100000\r\n\r\n"
                + String(repeating: "x", count: 70_000))
        _ = try slot.visitID()
        slot.acknowledged = 0
        slot.breakOff()
        #expect(visitor.received().hasPrefix("HTTP/1.1 502 "))
    }

    @Test("while the visit is being written hands it on too")
    func endsInAWrite() throws {
        let other = try relay.slot()
        let slot = try relay.slot()
        slot.acknowledged = 0
        try slot.channel.pipeline.syncOperations.addHandler(LeavesInAWrite(), position: .first)
        _ = try relay.visitor()
        #expect(!slot.isOpen)
        #expect(other.received().contains("fpw-id: "))
    }
}

/// Where a write fails, NIO reads what the peer still said before it returns: here that it leaves.
private final class LeavesInAWrite: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    func flush(context: ChannelHandlerContext) {
        context.flush()
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }
}
