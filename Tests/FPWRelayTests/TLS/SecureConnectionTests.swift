import FPWProtocol
import NIOCore
import NIOEmbedded
import Testing

@testable import FPWRelay

@Suite("a connection by TLS")
struct SecureConnectionTests {
    let relay = RelayFixture()

    private let post =
        "POST / HTTP/1.1\r\nhost: relay\r\nfpw-host: blog.test\r\nfpw-token: \(RelayFixture.token)\r\n"
        + "fpw-slot: \(SlotID())\r\n"

    private func slot() throws -> SecurePeer {
        let peer = try SecurePeer(relay)
        try peer.send(post + "content-length: 0\r\n\r\n")
        return peer
    }

    @Test("carries visits, whose slots learn that the visitor used https")
    func carriesVisits() throws {
        let slot = try slot()
        let visitor = try SecurePeer(relay)
        try visitor.send("GET / HTTP/1.1\r\nhost: blog.test\r\n\r\n")
        let visit = try slot.received()
        #expect(visit.contains(#""x-forwarded-proto":"https""#))
        let id = try #require(visit.firstMatch(of: /fpw-id: ([0-9a-f]{32})/)).1
        try slot.send(post + "fpw-id: \(id)\r\nfpw-status: 200\r\ncontent-length: 5\r\n\r\nhello")
        #expect(try visitor.received().hasSuffix("\r\n\r\nhello"))
        #expect(visitor.isOpen && slot.isOpen)
    }

    @Test("is closed with a goodbye, and without waiting for the peer's")
    func goodbye() throws {
        let visitor = try SecurePeer(relay)
        try visitor.send("GET / HTTP/1.1\r\nhost: nobody.test\r\nconnection: close\r\n\r\n")
        #expect(!visitor.isOpen)
        #expect(try visitor.received().hasPrefix("HTTP/1.1 404 "))
        #expect(visitor.hasGoodbye)
    }

    @Test("that breaks off an answer without a length ends without a goodbye: what has come is not all")
    func brokenOff() throws {
        let slot = try relay.slot()
        let visitor = try SecurePeer(relay)
        try visitor.send("GET / HTTP/1.0\r\nhost: blog.test\r\n\r\n")
        let id = try slot.visitID()
        try slot.beginReply(to: id, framing: "transfer-encoding: chunked")
        try slot.send("3\r\nabc\r\n")
        #expect(try visitor.received().hasSuffix("\r\n\r\nabc"))
        slot.breakOff()
        relay.pass(seconds: 11)
        #expect(!visitor.isOpen)
        #expect(try visitor.received() == "")
        #expect(!visitor.hasGoodbye)
    }

    @Test("of a slot that acknowledges nothing of its visit is given up: what TLS itself sent does not count")
    func silentSlot() throws {
        let other = try relay.slot()
        let silent = try slot()
        silent.acknowledged = silent.carried
        let visitor = try relay.visitor()
        relay.pass(seconds: 4)
        #expect(!silent.isOpen)
        try other.reply(to: try other.visitID(), body: "here")
        #expect(visitor.received().hasSuffix("here"))
    }

    @Test("of a slot that has acknowledged its visit is kept")
    func acknowledged() throws {
        let slot = try slot()
        _ = try relay.visitor()
        #expect(try slot.received().contains("fpw-id: "))
        slot.acknowledged = slot.carried
        relay.pass(seconds: 4)
        #expect(slot.isOpen)
    }

    @Test("begins with a handshake that may take ten seconds")
    func slowHandshake() throws {
        let peer = try SecurePeer(relay, speaks: false)
        peer.server.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(peer.isOpen)
        peer.server.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!peer.isOpen)
        #expect(peer.failures.map { "\($0)" } == ["TimedOut()"])
    }

    @Test("that a peer leaves before the handshake is no failure")
    func leavesEarly() throws {
        let peer = try SecurePeer(relay, speaks: false)
        peer.server.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!peer.isOpen)
        #expect(peer.failures.isEmpty)
    }

    @Test("that speaks HTTP in clear text is told so")
    func clearText() throws {
        let peer = try SecurePeer(relay, speaks: false)
        try peer.server.writeInbound(ByteBuffer(string: "GET / HTTP/1.1\r\nhost: blog.test\r\n\r\n"))
        var answer = try #require(try peer.server.readOutbound(as: ByteBuffer.self))
        let text = answer.readString(length: answer.readableBytes) ?? ""
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
        #expect(parts.first?.hasPrefix("HTTP/1.1 400 Bad Request\r\n") == true)
        #expect(parts.last == "This port speaks TLS. Write https://.\n")
        #expect(text.contains("content-length: \(parts.last?.utf8.count ?? 0)"))
        #expect(!peer.isOpen)
        #expect(peer.failures.map { "\($0)" } == ["NotTLS()"])
    }
}
