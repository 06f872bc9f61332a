import Testing

@testable import FPWRelay

@Suite("bodies pass no faster than they are taken")
struct BackPressureTests {
    let relay = RelayFixture()
    private let piece = String(repeating: "x", count: 1000)

    @Test("a visitor's body is not read while its slot takes nothing")
    func visitorsBody() throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor("POST / HTTP/1.1\r\nhost: blog.test\r\ncontent-length: 9000\r\n\r\n")
        _ = try slot.visitID()
        slot.takes(false)
        _ = visitor.readRequests()
        try visitor.send(piece)
        try visitor.send(piece)
        #expect(visitor.readRequests() == 0)
        slot.takes(true)
        #expect(visitor.readRequests() == 1)
    }

    @Test("a visitor's body is not read while there is no slot")
    func waiting() throws {
        let slot = try relay.slot()
        _ = try relay.visitor()
        let id = try slot.visitID()
        let visitor = try relay.visitor("POST / HTTP/1.1\r\nhost: blog.test\r\ncontent-length: 9000\r\n\r\n")
        _ = visitor.readRequests()
        try visitor.send(piece)
        #expect(visitor.readRequests() == 0)
        try slot.reply(to: id)
        #expect(visitor.readRequests() > 0)
    }

    @Test("a reply is not read while its visitor takes nothing")
    func reply() throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor()
        try slot.beginReply(to: slot.visitID(), framing: "content-length: 9000")
        visitor.takes(false)
        _ = slot.readRequests()
        try slot.send(piece)
        try slot.send(piece)
        #expect(slot.readRequests() == 0)
        visitor.takes(true)
        #expect(slot.readRequests() == 1)
    }

    @Test("a visitor who takes no answers gets no more of them, whatever he asks, and is not read")
    func pipelinedRequests() throws {
        let visitor = try relay.visitor()
        #expect(visitor.received().hasPrefix("HTTP/1.1 502 "))
        visitor.takes(false)
        _ = visitor.readRequests()
        try visitor.send(String(repeating: "GET / HTTP/1.1\r\nhost: blog.test\r\n\r\n", count: 3))
        #expect(visitor.received() == "" && visitor.readRequests() == 0)
        relay.pass(seconds: 11)
        #expect(visitor.received() == "" && visitor.isOpen, "no head of his is late")
        visitor.takes(true)
        #expect(visitor.received().split(separator: "HTTP/1.1 502 ").count == 3)
        #expect(visitor.readRequests() == 1)
    }

    @Test("a visitor who takes no answers for 75 s is put out")
    func neverTakes() throws {
        let visitor = try relay.visitor()
        visitor.takes(false)
        relay.pass(seconds: 76)
        #expect(!visitor.isOpen)
    }
}
