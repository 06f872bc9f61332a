import FPWConfig
import FPWProtocol
import NIOCore
import NIOEmbedded
import Testing

@testable import FPWRelay

@Suite("wrong tokens of one address")
struct RefusedTokensTests {
    private static let wait = "HTTP/1.1 429 Too Many Requests\r\n"
    private static let othersToken = "the-token-of-another-host"
    let relay = RelayFixture {
        $0.hosts.append(HostConfig(pattern: "other.test", tokens: [Token(Self.othersToken)]))
    }
    /// The address of all test peers is a trusted proxy's.
    let proxied = RelayFixture {
        $0.relay.trustedProxies = ["192.0.2.0/24"].compactMap { AddressRange($0) }
        $0.hosts.append(HostConfig(pattern: "other.test", tokens: [Token(Self.othersToken)]))
    }

    private func wrong(_ fields: String = "") -> String {
        "POST / HTTP/1.1\r\nhost: x\r\nfpw-host: blog.test\r\nfpw-token: wrong\r\n\(fields)\r\n"
    }

    /// Uses the minute up, and one more; what the last one was answered.
    @discardableResult
    private func exhaust(_ relay: RelayFixture, _ fields: String = "") throws -> String {
        let peer = try relay.connect()
        for _ in 0..<RefusalLimiter.perMinute { try peer.send(wrong(fields)) }
        #expect(peer.received().contains("HTTP/1.1 403 ") && peer.isOpen)
        try peer.send(wrong(fields))
        return peer.received()
    }

    private func poll(_ relay: RelayFixture, _ fields: String = "") throws -> String {
        let peer = try relay.connect()
        try peer.post(slot: SlotID(), fields: fields)
        return peer.received()
    }

    @Test("are so many a minute; what follows is not looked at, be it the right one")
    func shutOut() throws {
        let last = try exhaust(relay)
        #expect(last.hasPrefix(Self.wait) && last.contains("\r\nconnection: close\r\n"))
        #expect(try poll(relay).hasPrefix(Self.wait))
        #expect(try relay.visitor().received().hasPrefix("HTTP/1.1 502 "), "visitors are none of it")
    }

    @Test("are forgotten after the minute: whoever has corrected its token gets in")
    func afterTheMinute() throws {
        try exhaust(relay)
        let head = RequestHead(
            method: .post, target: Array("/".utf8), isHTTP10: false,
            headers: [FPWField.host: "blog.test", FPWField.token: RelayFixture.token], framing: .none, keepAlive: true,
            expectsContinue: false, host: nil)
        func isGranted(in seconds: Int64) -> Bool {
            let now = NIODeadline.now() + .seconds(seconds)
            return relay.relay.authorise(head, of: Peer("192.0.2.7"), showing: [], at: now).granted != nil
        }
        #expect([0, 50, 61].map(isGranted) == [false, false, true])
    }

    @Test("shut out no slot of that address while one is here, on its own connection or a new one")
    func goodSlots() throws {
        let slot = try relay.slot()
        try exhaust(relay)
        #expect(try poll(relay) == "")
        _ = try relay.visitor()
        _ = try relay.visitor()
        try slot.reply(to: try slot.visitID())
        #expect(slot.received() == "" && slot.isOpen)
    }

    /// A poll of the other host's, with its right token.
    private func others(_ fields: String = "") -> String {
        "POST / HTTP/1.1\r\nhost: x\r\nfpw-host: other.test\r\nfpw-token: \(Self.othersToken)\r\n\(fields)\r\n"
    }

    @Test("leave that address the tokens by which slots of it are here: whoever has one guesses no other")
    func tenantGuesses() throws {
        let tenant = try relay.slot()
        try exhaust(relay)
        let (anew, known) = (try relay.connect(), try relay.slot())
        try anew.send(others())
        #expect(anew.received().hasPrefix(Self.wait) && !anew.isOpen)
        _ = [try relay.visitor(), try relay.visitor()]
        for slot in [known, tenant] { try slot.reply(to: try slot.visitID()) }
        #expect(known.isOpen && tenant.isOpen)
        let hello = try relay.connect()
        try hello.post(slot: SlotID(), fields: "fpw-hello: 1\r\n")
        #expect(hello.received().hasPrefix("HTTP/1.1 204 "))
        try hello.send(others())
        #expect(hello.received().hasPrefix(Self.wait) && !hello.isOpen)
    }

    @Test("shut out no holder behind that address whose slot is here, and one whose last has gone")
    func severalHolders() throws {
        var holders = [try relay.connect()]
        try holders[0].send(others("fpw-hello: 1\r\n"))
        _ = try relay.slot()
        try exhaust(relay)
        holders.append(try relay.connect())
        try holders[1].send(others())
        #expect(holders[1].received() == "")
        for holder in holders {
            holder.leave()
            holder.channel.embeddedEventLoop.run()
        }
        let late = try relay.connect()
        try late.send(others())
        #expect(late.received().hasPrefix(Self.wait))
        #expect(try poll(relay) == "")
    }

    @Test("do not keep a slot whose token was withdrawn from finishing its visit")
    func withdrawn() throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor()
        let id = try slot.visitID()
        var config = RelayConfig()
        config.hosts = [HostConfig(pattern: "blog.test", tokens: [Token("a-newer-token-of-the-tests")])]
        _ = relay.relay.apply(config)
        slot.leave()
        try exhaust(relay)
        try relay.connect(as: slot.slotID).reply(to: id, body: "whole")
        #expect(visitor.received().hasSuffix("whole"))
    }

    @Test("are counted by the address behind a trusted proxy, whose connections carry others too")
    func behindProxy() throws {
        let (guesser, other) = ("x-forwarded-for: 198.51.100.1\r\n", "x-forwarded-for: 198.51.100.2\r\n")
        #expect(try exhaust(proxied, guesser).hasPrefix(Self.wait))
        #expect(try poll(proxied, other) == "")
        let shared = try proxied.connect()
        try shared.post(slot: SlotID(), fields: other + "fpw-hello: 1\r\n")
        #expect(shared.received().hasPrefix("HTTP/1.1 204 "))
        try shared.post(slot: SlotID(), fields: guesser)
        #expect(shared.received().hasPrefix(Self.wait))
        try exhaust(proxied, other)
        #expect(try poll(proxied, other) == "", "it has a slot here")
        let guess = try proxied.connect()
        try guess.send(others(other))
        #expect(guess.received().hasPrefix(Self.wait), "none with this token")
    }

    @Test("are never too many for this machine's own")
    func loopback() throws {
        try exhaust(proxied, "x-forwarded-for: 127.0.0.1\r\n")
        #expect(try poll(proxied, "x-forwarded-for: 127.0.0.1\r\n") == "")
    }
}
