import FPWProtocol
import Testing

@testable import FPWRelay

private let features = "fpw-features: hello, drain, stream, resend\r\n"

@Suite("a visit")
struct VisitTests {
    let relay = RelayFixture()

    @Test("goes to a parked slot in both spellings, and its reply to the visitor")
    func wholeVisit() throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor(
            "GET /a?b=c HTTP/1.1\r\nHost: Blog.Test:8080\r\nX-Thing: one\r\nfpw-id: forged\r\nfpw_ip: forged\r\n\r\n")
        let visit = slot.received()
        let id = try #require(visit.firstMatch(of: /fpw-rid: ([0-9a-f]{32})/)).1
        let requestID = try #require(visit.firstMatch(of: /"x-request-id":"([0-9a-f]{32})"/)).1
        #expect(
            visit == """
                HTTP/1.1 200 OK\r
                fpw-method: GET\r
                fpw-url: /a?b=c\r
                fpw-ip: 192.0.2.7\r
                fpw-uip: 192.0.2.7\r
                fpw-header: {"Host":"Blog.Test:8080","X-Thing":"one","x-forwarded-proto":"http",\
                "x-forwarded-host":"Blog.Test:8080","x-request-id":"\(requestID)"}\r
                fpw-id: \(id)\r
                fpw-rid: \(id)\r
                \(features)content-length: 0\r
                \r

                """)
        #expect(visitor.received() == "")
        try slot.reply(
            to: String(id), status: 201, fields: "fpw-header: {\"x-a\":\"1\",\"set-cookie\":[\"a\",\"b\"]}\r\n",
            body: "hello")
        #expect(
            visitor.received()
                == "HTTP/1.1 201 Created\r\nx-a: 1\r\nset-cookie: a\r\nset-cookie: b\r\ncontent-length: 5\r\n\r\nhello")
        #expect(slot.received() == "" && slot.isOpen && visitor.isOpen)
    }

    @Test("is followed by the next on the same two connections")
    func keptConnections() throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor()
        for body in ["one", "two"] {
            try slot.reply(to: slot.visitID(), body: body)
            #expect(visitor.received() == "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n\(body)")
            try visitor.send("GET / HTTP/1.1\r\nhost: blog.test\r\n\r\n")
        }
    }

    @Test("waits for its turn where the visitor sends several requests at once")
    func pipelined() throws {
        let slot = try relay.slot()
        let request = "GET / HTTP/1.1\r\nhost: blog.test\r\n\r\n"
        let visitor = try relay.visitor(request + request)
        try slot.reply(to: slot.visitID(), body: "1")
        try slot.reply(to: slot.visitID(), body: "2")
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n"
        #expect(visitor.received() == answer + "1" + answer + "2")
    }

    @Test("is served by a worker that names no slot and opens a connection for every POST")
    func plainWorker() throws {
        let first = try relay.slot(nil)
        let visitor = try relay.visitor()
        let id = try first.visitID()
        first.leave()
        relay.pass(seconds: 60)
        let second = try relay.connect()
        try second.reply(to: id, body: "late")
        #expect(visitor.received().hasSuffix("\r\n\r\nlate"))
        #expect(second.received() == "" && second.isOpen)
    }

    @Test(
        "has its body passed on as it comes",
        arguments: [
            ("content-length: 6", "abc", "def", "content-length: 6\r\n\r\nabc", "def"),
            (
                "transfer-encoding: chunked", "3\r\nabc\r\n", "3\r\ndef\r\n0\r\n\r\n",
                "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", "3\r\ndef\r\n0\r\n\r\n"
            ),
        ])
    func visitorsBody(framing: String, first: String, second: String, firstSeen: String, secondSeen: String) throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor("POST / HTTP/1.1\r\nhost: blog.test\r\n\(framing)\r\n\r\n\(first)")
        let begun = slot.received()
        #expect(begun.hasSuffix(features + firstSeen), "\(begun)")
        try visitor.send(second)
        #expect(slot.received() == secondSeen)
    }

    @Test("may be replied to on another connection while its body still comes")
    func earlyReply() throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor("POST / HTTP/1.1\r\nhost: blog.test\r\ncontent-length: 100\r\n\r\nabc")
        let id = try slot.visitID()
        slot.leave()
        let other = try relay.connect()
        try other.post(slot: slot.slotID, fields: "fpw-id: \(id)\r\nfpw-status: 413\r\n", body: "too much")
        #expect(
            visitor.received()
                == "HTTP/1.1 413 Content Too Large\r\ncontent-length: 8\r\nconnection: close\r\n\r\ntoo much")
    }

    @Test("gets 100 once a slot has taken it, not before")
    func expectContinue() throws {
        let visitor = try relay.visitor(
            "POST / HTTP/1.1\r\nhost: blog.test\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\n")
        #expect(visitor.received().hasPrefix("HTTP/1.1 502"))
        let busy = try relay.slot()
        _ = try relay.visitor()
        _ = try busy.visitID()
        let waiting = try relay.visitor(
            "POST / HTTP/1.1\r\nhost: blog.test\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\n")
        #expect(waiting.received() == "")
        let slot = try relay.connect()
        try slot.post(slot: SlotID())
        #expect(waiting.received() == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(!slot.received().lowercased().contains("expect"))
        try waiting.send("abc")
        #expect(slot.received() == "abc")
    }

    @Test(
        "has its reply framed for the visitor",
        arguments: [
            ("GET / HTTP/1.1", 200, "content-length: 2", "ab", "content-length: 2\r\n\r\nab"),
            (
                "GET / HTTP/1.1", 200, "transfer-encoding: chunked", "2\r\nab\r\n0\r\n\r\n",
                "transfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
            ),
            (
                "GET / HTTP/1.0", 200, "transfer-encoding: chunked", "2\r\nab\r\n0\r\n\r\n",
                "connection: close\r\n\r\nab"
            ),
            ("GET / HTTP/1.0", 200, "content-length: 2", "ab", "content-length: 2\r\nconnection: close\r\n\r\nab"),
            ("HEAD / HTTP/1.1", 200, "content-length: 0", "", "content-length: 99\r\n\r\n"),
            ("HEAD / HTTP/1.1", 200, "content-length: 2", "ab", "content-length: 99\r\n\r\n"),
            ("GET / HTTP/1.1", 204, "content-length: 0", "", "\r\n"),
            ("GET / HTTP/1.1", 304, "content-length: 0", "", "content-length: 99\r\n\r\n"),
        ])
    func replyFraming(request: String, status: Int, framing: String, body: String, seen: String) throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor("\(request)\r\nhost: blog.test\r\n\r\n")
        try slot.beginReply(
            to: slot.visitID(), status: status, framing: framing, fields: "fpw-header: {\"content-length\":\"99\"}\r\n")
        try slot.send(body)
        let answer = visitor.received()
        let head = try #require(answer.firstRange(of: "\r\n"))
        #expect(String(answer[head.upperBound...]) == seen)
        #expect(slot.received() == "" && slot.isOpen)
    }

    @Test("has each part of its reply passed on as it comes, and the POST is answered after its end only")
    func streamedReply() throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor()
        try slot.beginReply(to: slot.visitID(), framing: "transfer-encoding: chunked")
        #expect(visitor.received() == "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        try slot.send("6\r\ndata:1\r\n")
        #expect(visitor.received() == "6\r\ndata:1\r\n")
        try slot.send("6\r\ndata:2\r\n0\r\n\r\n")
        #expect(visitor.received() == "6\r\ndata:2\r\n0\r\n\r\n")
        #expect(slot.received() == "")
    }

    @Test("of a name below a wildcard goes to the slots of that name")
    func wildcard() throws {
        let request = "GET / HTTP/1.1\r\nhost: a.wild.test\r\n\r\n"
        #expect(try relay.visitor(request).received().hasPrefix("HTTP/1.1 502"))
        let slot = try relay.connect()
        try slot.post(slot: SlotID(), host: "a.wild.test")
        let other = try relay.visitor("GET / HTTP/1.1\r\nhost: b.wild.test\r\n\r\n")
        #expect(other.received().hasPrefix("HTTP/1.1 502"))
        _ = try relay.visitor(request)
        _ = try slot.visitID()
    }
}
