import FPWConfig
import FPWProtocol
import Testing

@testable import FPWRelay

@Suite("a visitor who is not served")
struct ErrorPageTests {
    @Test(
        "is told why, with a reason for machines",
        arguments: [
            ("GET / HTTP/1.1\r\nhost: blog.test\r\n\r\n", 502, "no-slot"),
            ("GET / HTTP/1.1\r\nhost: x.wild.test\r\n\r\n", 502, "no-slot"),
            ("GET / HTTP/1.1\r\nhost: other.test\r\n\r\n", 404, "unknown-host"),
            ("GET / HTTP/1.0\r\n\r\n", 404, "unknown-host"),
            ("CONNECT blog.test:443 HTTP/1.1\r\nhost: blog.test\r\n\r\n", 501, "connect"),
            (
                "GET / HTTP/1.1\r\nhost: blog.test\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n", 501, "upgrade"
            ),
            ("POST / HTTP/1.1\r\nhost: blog.test\r\ncontent-length: 1001\r\n\r\n", 413, "body-too-large"),
            ("GET / HTTP/1.1\r\nhost: blog.test\r\nbad name: x\r\n\r\n", 400, "bad-request"),
        ])
    func reason(request: String, status: Int, reason: String) throws {
        let relay = RelayFixture { $0.relay.maxBody = ByteCount(bytes: 1000) }
        let answer = try relay.visitor(request).received()
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
        #expect(answer.contains("\r\nfpw-relay: \(reason)\r\n"), "\(answer)")
        #expect(answer.contains("<small>\(status) · \(reason) · fpw-relay</small>"))
    }

    @Test("gets JSON where the request asks for it")
    func json() throws {
        let answer = try RelayFixture().visitor(
            "GET / HTTP/1.1\r\nhost: other.test\r\naccept: application/json\r\n\r\n"
        ).received()
        #expect(
            answer == """
                HTTP/1.1 404 Not Found\r
                content-type: application/json\r
                cache-control: no-store\r
                fpw-relay: unknown-host\r
                content-length: 204\r
                \r
                {"message":"This relay serves no site of this name. Check the address. If this is your relay: add a \
                [host.\\"NAME\\"] table to its configuration.","reason":"unknown-host","source":"fpw-relay","status":404}

                """)
    }

    @Test("keeps the connection")
    func kept() throws {
        let visitor = try RelayFixture().visitor()
        #expect(!visitor.received().contains("connection: close"))
        try visitor.send("GET / HTTP/1.1\r\nhost: blog.test\r\n\r\n")
        #expect(visitor.received().hasPrefix("HTTP/1.1 502"))
    }

    @Test("gets no body for HEAD, but its length")
    func head() throws {
        let answer = try RelayFixture().visitor("HEAD / HTTP/1.1\r\nhost: blog.test\r\n\r\n").received()
        #expect(answer.contains("\r\ncontent-length: ") && answer.hasSuffix("\r\n\r\n"))
    }

    @Test("more than 64 KiB of fields are refused with 431, and no slot is used")
    func tooManyFields() throws {
        let relay = RelayFixture()
        let slot = try relay.slot()
        let field = "x: " + String(repeating: "v", count: 70_000)
        let answer = try relay.visitor("GET / HTTP/1.1\r\nhost: blog.test\r\n\(field)\r\n\r\n").received()
        #expect(answer.hasPrefix("HTTP/1.1 431 "))
        #expect(slot.received() == "")
    }

    @Test("a chunked body that grows too large is stopped: 413 for the visitor, a closed connection for the slot")
    func bodyGrowsTooLarge() throws {
        let relay = RelayFixture { $0.relay.maxBody = ByteCount(bytes: 4) }
        let slot = try relay.slot()
        let visitor = try relay.visitor(
            "POST / HTTP/1.1\r\nhost: blog.test\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
        _ = try slot.visitID()
        try visitor.send("3\r\ndef\r\n")
        #expect(visitor.received().hasPrefix("HTTP/1.1 413 "))
        #expect(!slot.isOpen)
    }

    @Test("waits for a slot, then gets 503 with Retry-After")
    func queueTimeout() throws {
        let relay = RelayFixture()
        let slot = try relay.slot()
        _ = try relay.visitor()
        _ = try slot.visitID()
        let waiting = try relay.visitor()
        relay.pass(seconds: 29)
        #expect(waiting.received() == "")
        relay.pass(seconds: 31)
        let answer = waiting.received()
        #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("\r\nretry-after: 5\r\n"))
    }

    @Test("gets 504 where no reply comes, and the late reply 409")
    func visitTimeout() throws {
        let relay = RelayFixture()
        let slot = try relay.slot()
        let visitor = try relay.visitor()
        let id = try slot.visitID()
        relay.pass(seconds: 121)
        #expect(visitor.received().hasPrefix("HTTP/1.1 504 "))
        try slot.reply(to: id)
        #expect(slot.received().hasPrefix("HTTP/1.1 409 ") && slot.isOpen)
    }

    @Test("sees a broken transfer where the reply stands still")
    func idleReply() throws {
        let relay = RelayFixture()
        let slot = try relay.slot()
        let visitor = try relay.visitor()
        try slot.beginReply(to: slot.visitID(), framing: "content-length: 9")
        try slot.send("abc")
        #expect(visitor.received().hasSuffix("abc"))
        relay.pass(seconds: 301)
        #expect(visitor.received() == "" && !visitor.isOpen)
    }

    @Test("on the slots' listener is told where to go")
    func slotsOnly() throws {
        let peer = try RelayFixture().connect(.slotsOnly)
        try peer.send("GET / HTTP/1.1\r\nhost: blog.test\r\n\r\n")
        #expect(peer.received().contains("\r\nfpw-relay: slots-only\r\n"))
    }
}
