import FPWConfig
import FPWMetrics
import NIOCore
import Testing

@testable import FPWRelay

@Suite("a visitor who sends slowly")
struct SlowRequestTests {
    let relay = RelayFixture()
    private let upload = "POST / HTTP/1.1\r\nhost: blog.test\r\ncontent-length: 900000\r\n\r\n"

    @Test("is cut off 10 s after the connection's beginning where the first head is not whole, whatever comes of it")
    func firstHead() throws {
        let visitor = try relay.connect()
        try visitor.send("GET / HTTP/1.1\r\nhost: blog.te")
        relay.pass(seconds: 9)
        try visitor.send("st\r\na: b")
        #expect(visitor.received() == "")
        relay.pass(seconds: 11)
        let answer = visitor.received()
        #expect(answer.hasPrefix("HTTP/1.1 408 Request Timeout\r\n") && answer.contains("connection: close\r\n"))
        #expect(answer.contains("fpw-relay: slow-head\r\n"))
        #expect(relay.relay.metrics.slowRequests[.head].value == 1)
    }

    @Test("who has said nothing yet is left without an answer, which might be taken for that of the first request")
    func silence() throws {
        let visitor = try relay.connect()
        relay.pass(seconds: 9)
        #expect(visitor.isOpen)
        relay.pass(seconds: 11)
        #expect(visitor.received() == "" && !visitor.isOpen)
        #expect(relay.relay.metrics.slowRequests[.head].value == 0)
    }

    @Test("has 75 s between requests, and then 10 s for the next head")
    func nextHead() throws {
        let visitor = try relay.visitor()
        #expect(visitor.received().hasPrefix("HTTP/1.1 502 "))
        relay.pass(seconds: 74)
        #expect(visitor.isOpen)
        try visitor.send("GET / HT")
        relay.pass(seconds: 9)
        #expect(visitor.received() == "" && visitor.isOpen)
        relay.pass(seconds: 11)
        #expect(visitor.received().hasPrefix("HTTP/1.1 408 "))
        let idle = try relay.visitor()
        relay.pass(seconds: 76)
        #expect(!idle.isOpen)
    }

    @Test("has 10 s too for a head that began behind the request before")
    func pipelinedHead() throws {
        let visitor = try relay.visitor("GET / HTTP/1.1\r\nhost: blog.test\r\n\r\nGET / HT")
        #expect(visitor.received().hasPrefix("HTTP/1.1 502 "))
        relay.pass(seconds: 11)
        #expect(visitor.received().hasPrefix("HTTP/1.1 408 "))
    }

    @Test("of a body is cut off after 30 s below the least rate, and its slot is told by its connection's end")
    func body() throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor(upload)
        _ = try slot.visitID()
        try visitor.send("x")
        for second in 0...29 { relay.pass(seconds: Int64(second)) }
        #expect(visitor.received() == "" && slot.isOpen)
        relay.pass(seconds: 31)
        let answer = visitor.received()
        #expect(answer.hasPrefix("HTTP/1.1 408 ") && answer.contains("fpw-relay: slow-body\r\n"))
        #expect(!slot.isOpen)
        #expect(relay.relay.metrics.slowRequests[.body].value == 1)
    }

    @Test("of a body is left alone where the slot takes nothing")
    func slowSlot() throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor(upload)
        _ = try slot.visitID()
        slot.takes(false)
        try visitor.send("x")
        for second in 0...100 { relay.pass(seconds: Int64(second)) }
        #expect(visitor.received() == "" && visitor.isOpen)
    }

    @Test("of a body is left alone where any pace will do")
    func noMinimum() throws {
        let relay = RelayFixture { $0.relay.minUploadRate = nil }
        let slot = try relay.slot()
        let visitor = try relay.visitor(upload)
        _ = try slot.visitID()
        for second in 0...100 { relay.pass(seconds: Int64(second)) }
        #expect(visitor.received() == "" && visitor.isOpen)
    }

    @Test("and is a slot, has its time for a reply's body, but not for its head")
    func slot() throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor()
        try slot.beginReply(to: slot.visitID(), framing: "content-length: 9")
        try slot.send("abc")
        for second in 0...200 { relay.pass(seconds: Int64(second)) }
        try slot.send("defghi")
        #expect(visitor.received().hasSuffix("abcdefghi"))
        let slow = try relay.connect()
        try slow.send("POST / HTTP/1.1\r\nfpw-host: blog.test\r\n")
        relay.pass(seconds: 11)
        #expect(slow.received().hasPrefix("HTTP/1.1 408 "))
    }

    @Test(
        "and is a slot, has idle_timeout in all for a body that nobody wants",
        arguments: [
            ("fpw-token: wrong", 403), ("fpw-token: \(RelayFixture.token)", 408),
            ("fpw-token: \(RelayFixture.token)\r\nfpw-hello: 1", 204),
            ("fpw-token: \(RelayFixture.token)\r\nfpw-drain: \(String(repeating: "0", count: 32))", 408),
            ("fpw-token: \(RelayFixture.token)\r\nfpw-id: none\r\nfpw-status: 200", 409),
        ])
    func unwantedBody(fields: String, status: Int) throws {
        let relay = RelayFixture { $0.relay.idleTimeout = .seconds(5) }
        let slot = try relay.connect()
        try slot.send("POST / HTTP/1.1\r\nhost: x\r\nfpw-host: blog.test\r\n\(fields)\r\ncontent-length: 100\r\n\r\n")
        for second in 0..<5 {
            relay.pass(seconds: Int64(second))
            try slot.send("x")
        }
        #expect(slot.received() == "" && slot.isOpen)
        relay.pass(seconds: 5)
        let answer = slot.received()
        #expect(answer.hasPrefix("HTTP/1.1 \(status) ") && answer.contains("\r\nconnection: close\r\n"))
    }
}

@Suite("the pace of an upload")
struct UploadPaceTests {
    private var pace = UploadPace()

    /// Looks each second, from `first` on; at what was too slow.
    private mutating func looks(_ seconds: ClosedRange<Int64>, isAwaited: Bool = true, at rate: Int) -> [Int64] {
        seconds.filter {
            pace.isTooSlow(received: Int($0) * rate, isAwaited: isAwaited, minimum: 500, at: .at($0))
        }
    }

    @Test(
        "is judged every 30 s",
        arguments: [(0, [30, 60]), (499, [30, 60]), (500, []), (100_000, [])] as [(Int, [Int64])])
    mutating func rates(rate: Int, tooSlowAt: [Int64]) {
        #expect(looks(0...60, at: rate) == tooSlowAt)
    }

    @Test("counts no time in which the body was not awaited")
    mutating func held() {
        #expect(looks(0...20, at: 0) == [])
        #expect(looks(21...1000, isAwaited: false, at: 0) == [])
        #expect(looks(1001...1011, at: 0) == [1011])
    }
}
