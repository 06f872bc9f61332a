import FPWConfig
import FPWMetrics
import FPWProtocol
import Testing

@testable import FPWRelay

private let noContent = "HTTP/1.1 204 No Content\r\n"
private let features = "fpw-features: hello, drain, stream, resend\r\n"

@Suite("a slot")
struct SlotTests {
    let relay = RelayFixture()

    @Test("that says hello is answered at once with what the relay can do, and nothing is parked")
    func hello() throws {
        let peer = try relay.connect()
        try peer.post(slot: SlotID(), fields: "fpw-hello: 1\r\n")
        #expect(peer.received() == noContent + "fpw-public-url: http://blog.test:8080/\r\n" + features + "\r\n")
        #expect(try relay.visitor().received().hasPrefix("HTTP/1.1 502"))
    }

    @Test(
        "is told the URL that visitors use",
        arguments: [
            (nil, "", "http://blog.test:8080/"), ("https", "", "https://blog.test/"),
            (nil, "x-forwarded-proto: https\r\n", "https://blog.test/"),
            (nil, "x-forwarded-proto: gopher\r\n", "http://blog.test:8080/"),
        ] as [(String?, String, String)])
    func publicURL(scheme: String?, field: String, url: String) throws {
        let relay = RelayFixture {
            $0.relay.publicScheme = scheme
            $0.relay.trustedProxies = [AddressRange("192.0.2.0/24")].compactMap { $0 }
        }
        let peer = try relay.connect()
        try peer.post(slot: SlotID(), fields: "fpw-hello: 1\r\n\(field)")
        #expect(peer.received().contains("fpw-public-url: \(url)\r\n"))
    }

    @Test("with a wrong token or an unknown host gets the same 403, and 429 when it goes on")
    func refused() throws {
        let peer = try relay.connect()
        func answer(_ host: String, _ token: String) throws -> String {
            try peer.send("POST / HTTP/1.1\r\nhost: x\r\nfpw-host: \(host)\r\nfpw-token: \(token)\r\n\r\n")
            return peer.received()
        }
        let wrongToken = try answer("blog.test", "wrong")
        #expect(
            wrongToken
                == "HTTP/1.1 403 Forbidden\r\n\(features)content-type: text/plain; charset=utf-8\r\ncontent-length: 52\r\n\r\n"
                + "this relay does not serve this host with this token\n")
        #expect(try answer("other.test", RelayFixture.token) == wrongToken)
        for _ in 2..<60 { #expect(try answer("blog.test", "wrong") == wrongToken) }
        let limited = try answer("blog.test", "wrong")
        #expect(limited.hasPrefix("HTTP/1.1 429 ") && limited.contains("\r\nretry-after: 60\r\n") && !peer.isOpen)
        #expect(relay.relay.metrics.refusedTokens.value == 61)
    }

    @Test(
        "that breaks the protocol is told how",
        arguments: [
            ("fpw-slot: 12\r\n", 400, "fpw-slot and fpw-drain must be 32 hexadecimal digits\n"),
            ("fpw-id: 12\r\nfpw-status: 200\r\n", 409, "the visit is gone or already answered\n"),
            ("fpw-id: \(VisitID())\r\nfpw-status: 200\r\n", 409, "the visit is gone or already answered\n"),
            ("fpw-id: \(VisitID())\r\nfpw-status: 99\r\n", 400, "fpw-status must be 200…599\n"),
        ])
    func badPost(fields: String, status: Int, text: String) throws {
        let peer = try relay.connect()
        try peer.post(fields: fields)
        let answer = peer.received()
        #expect(answer.hasPrefix("HTTP/1.1 \(status) ") && answer.hasSuffix("\r\n\r\n" + text), "\(answer)")
        #expect(peer.isOpen)
    }

    @Test("whose poll was held for the park time gets 204")
    func expiry() throws {
        let slot = try relay.slot()
        relay.pass(seconds: 89)
        #expect(slot.received() == "")
        relay.pass(seconds: 91)
        #expect(slot.received() == noContent + features + "\r\n")
        #expect(slot.isOpen)
    }

    @Test("that closes its parked poll is not handed a visit")
    func closedPoll() throws {
        let first = try relay.slot()
        let second = try relay.slot()
        second.leave()
        _ = try relay.visitor()
        _ = try first.visitID()
    }

    @Test("gets 409 for a visit of another slot, which goes on")
    func foreignVisit() throws {
        let slot = try relay.slot()
        let thief = try relay.slot()
        _ = try relay.visitor()
        let id = try thief.visitID()
        _ = slot
        let other = try relay.connect()
        try other.post(slot: SlotID(), fields: "fpw-id: \(id)\r\nfpw-status: 200\r\n", body: "forged")
        #expect(other.received().hasPrefix("HTTP/1.1 409 "))
        try thief.reply(to: id)
        #expect(thief.received() == "")
    }

    @Test("that sends a large reply to a visit that is gone is stopped with 409 and a closed connection")
    func largeReplyToNobody() throws {
        let slot = try relay.connect(as: SlotID())
        try slot.beginReply(to: "\(VisitID())", framing: "content-length: 1000000")
        #expect(slot.received().hasSuffix("connection: close\r\n\r\nthe visit is gone or already answered\n"))
    }
}

@Suite("draining a slot")
struct DrainTests {
    let relay = RelayFixture()

    private func drain(_ slot: SlotID) throws -> String {
        let peer = try relay.connect()
        try peer.post(slot: SlotID(), fields: "fpw-drain: \(slot)\r\n")
        return peer.received()
    }

    private func drained(_ word: String) -> String {
        noContent + "fpw-drained: \(word)\r\n" + features + "\r\n"
    }

    @Test("answers its parked poll, and a poll that comes later")
    func parked() throws {
        let id = SlotID()
        let slot = try relay.slot(id)
        #expect(try drain(id) == drained("parked"))
        #expect(slot.received() == noContent + features + "\r\n")
        let late = try relay.connect()
        try late.post(slot: id)
        #expect(late.received() == noContent + features + "\r\n")
    }

    @Test("finds it busy with a visit, which runs as usual, and whose reply may end the slot")
    func busy() throws {
        let id = SlotID()
        let slot = try relay.slot(id)
        let visitor = try relay.visitor()
        let visit = try slot.visitID()
        #expect(try drain(id) == drained("busy"))
        try slot.reply(to: visit, fields: "fpw-drain: self\r\n", body: "bye")
        #expect(visitor.received().hasSuffix("bye"))
        #expect(slot.received() == noContent + features + "\r\n")
    }

    @Test("does not find a slot that was never here")
    func unknown() throws {
        #expect(try drain(SlotID()) == drained("unknown"))
    }
}
