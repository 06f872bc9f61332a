import FPWConfig
import FPWProtocol
import Logging
import NIOCore
import Testing

@testable import FPWRelay

@Suite("the hosts")
struct HostTableTests {
    private let hosts = RelayFixture {
        $0.hosts.append(HostConfig(pattern: "*.deep.wild.test", tokens: [Token("another-token-of-the-tests")]))
    }.relay.hosts

    private func name(_ text: String) throws -> HostName { try #require(HostName(text.utf8)) }

    private func found(_ text: String) throws -> String {
        switch hosts.lookUp(try name(text)) {
        case .host(let host): "host \(host.name)"
        case .offline(let site): "offline \(site.pattern)"
        case .unknown: "unknown"
        }
    }

    /// A field of a POST that leaves no slot behind.
    private static let drain = "fpw-drain: \(SlotID())\r\n"

    private func table(limit: Int, tokens: [String]) -> HostTable {
        var limits = HostLimits()
        limits.namesPerWildcard = limit
        let metrics = RelayMetrics()
        let site = Site(
            pattern: "*.wild.test", tokens: tokens.map { Token($0) }, metrics: metrics.site("*.wild.test"))
        return HostTable([site], limits: limits, logger: Logger(label: "test"))
    }

    /// What becomes of a slot's POST, in a word.
    private func came(_ text: String, _ token: String, in table: HostTable? = nil, at seconds: Int64) -> String {
        guard let name = HostName(text.utf8) else { return "no name" }
        return (table ?? hosts).host(forSlot: name, token: token.utf8.span, at: .at(seconds)).word
    }

    @Test(
        "are found by name or by the closest wildcard",
        arguments: [
            ("blog.test", "host blog.test"), ("BLOG.test.", "host blog.test"), ("blog.test:8080", "host blog.test"),
            ("a.wild.test", "offline *.wild.test"), ("a.deep.wild.test", "offline *.deep.wild.test"),
            ("wild.test", "unknown"), ("notblog.test", "unknown"),
        ])
    func lookUp(text: String, outcome: String) throws {
        #expect(try found(text) == outcome)
    }

    @Test(
        "are served by who has their token",
        arguments: [
            ("blog.test", RelayFixture.token, true), ("blog.test", RelayFixture.token + "x", false),
            ("blog.test", "", false), ("a.wild.test", RelayFixture.token, true),
            ("a.deep.wild.test", RelayFixture.token, false), ("other.test", RelayFixture.token, false),
        ])
    func tokens(text: String, token: String, isServed: Bool) throws {
        #expect((hosts.host(forSlot: try name(text), token: token.utf8.span, at: .now()).granted != nil) == isServed)
    }

    @Test("below a wildcard are forgotten an hour after their last slot has polled, which no refused POST puts off")
    func forgotten() throws {
        func isThere(in seconds: Int64) throws -> Bool {
            relay.relay.hosts.sweep(at: .now() + .seconds(seconds))
            return relay.relay.hosts.known(try name("a.wild.test")) != nil
        }
        let relay = RelayFixture()
        let slot = try relay.connect()
        try slot.post(slot: SlotID(), host: "a.wild.test")
        #expect(try isThere(in: 60), "its slot is there")
        slot.leave()
        #expect(try isThere(in: 3590))
        let other = try relay.connect()
        try other.post(host: "a.wild.test", fields: "fpw-slot: zz\r\n")
        try other.post(slot: SlotID(), host: "a.wild.test", fields: "fpw-hello: 1\r\n")
        try other.post(host: "a.wild.test", fields: "fpw-drain: \(SlotID())\r\n")
        let statuses = other.received().matches(of: /HTTP\/1.1 ([0-9]+)/).map { String($0.1) }
        #expect(statuses == ["400", "204", "204"])
        #expect(try isThere(in: 3601) == false)
        #expect(relay.relay.hosts.known(try name("blog.test")) != nil)
    }

    @Test("below a wildcard for which no slot has polled yet are forgotten in seconds")
    func greeted() throws {
        #expect(came("a.wild.test", RelayFixture.token, at: 0) == "in")
        hosts.sweep(at: .at(1))
        #expect(try found("a.wild.test") == "host a.wild.test")
        hosts.sweep(at: .at(2))
        #expect(try found("a.wild.test") == "offline *.wild.test")
    }

    @Test("that are forgotten while a poll is on its way have it come again")
    func pollOnItsWay() throws {
        let relay = RelayFixture()
        let peer = try relay.connect()
        try peer.send(
            "POST / HTTP/1.1\r\nhost: x\r\nfpw-host: a.wild.test\r\nfpw-token: \(RelayFixture.token)\r\n"
                + "content-length: 1\r\n\r\n")
        relay.relay.hosts.sweep(at: .now() + .seconds(2))
        try peer.send("x")
        #expect(peer.received().hasPrefix("HTTP/1.1 204 "))
        try peer.post(host: "a.wild.test")
        #expect(relay.relay.hosts.known(try name("a.wild.test"))?.status.parked == 1)
    }

    @Test("below a wildcard make room for others when no slot of theirs is here, the oldest first")
    func makeRoom() throws {
        let relay = RelayFixture(namesPerWildcard: 3)
        let hosts = relay.relay.hosts
        func isThere(_ text: String) throws -> Bool { hosts.known(try name(text + ".wild.test")) != nil }
        let slot = try relay.connect()
        for text in ["held", "b", "c", "d"] {
            try slot.post(slot: SlotID(), host: text + ".wild.test", fields: Self.drain)
        }
        #expect(try ["held", "b", "c", "d"].map(isThere) == [false, true, true, true])
        try slot.post(host: "held.wild.test")
        #expect(try ["held", "b", "c", "d"].map(isThere) == [true, false, true, true])
        let others = try relay.connect()
        for text in ["e", "f", "g"] { try others.post(host: text + ".wild.test", fields: Self.drain) }
        #expect(try ["held", "c", "d", "e", "f", "g"].map(isThere) == [true, false, false, false, true, true])
    }

    @Test("below a wildcard are kept from no token by those of another, whatever it does without slots")
    func shares() {
        let hosts = table(limit: 4, tokens: ["ann", "bob"])
        func ann(_ name: String, at seconds: Int64 = 0) -> String { came(name, "ann", in: hosts, at: seconds) }
        func bob(_ name: String, at seconds: Int64 = 0) -> String { came(name, "bob", in: hosts, at: seconds) }
        func isThere(_ text: String) -> Bool { HostName(text.utf8).flatMap(hosts.known) != nil }
        #expect(["1", "2", "3", "4", "5"].map { ann($0 + ".wild.test") } == ["in", "in", "in", "in", "in"])
        #expect(bob("b1.wild.test") == "in", "young names of who has more than its share protect nothing")
        #expect(["6", "7", "8", "9"].map { ann($0 + ".wild.test") } == ["in", "in", "in", "in"])
        #expect(isThere("b1.wild.test"), "ann has taken the place of her own")
        #expect(bob("b2.wild.test") == "in")
        #expect(["7", "8", "9", "b1", "b2"].map { isThere($0 + ".wild.test") } == [false, true, true, true, true])
    }

    @Test("below a wildcard share one memory of the slots that were closed")
    func drains() throws {
        let relay = RelayFixture()
        let peer = try relay.connect()
        let closed = SlotID()
        try peer.post(host: "a.wild.test", fields: "fpw-drain: \(closed)\r\n")
        relay.relay.hosts.sweep(at: .now() + .seconds(2))
        #expect(relay.relay.hosts.known(try name("a.wild.test")) == nil, "such a name is kept no longer than others")
        _ = peer.received()
        try peer.post(slot: closed, host: "a.wild.test")
        #expect(peer.received().hasPrefix("HTTP/1.1 204 "), "its poll was on the way, and is not parked")
    }

    @Test("below a wildcard are so many at the most where slots of all are here, which a reload does not change")
    func full() throws {
        let relay = RelayFixture(namesPerWildcard: 2) {
            $0.hosts.append(HostConfig(pattern: "*.other.test", tokens: [Token(RelayFixture.token)]))
        }
        func came(_ text: String) -> String { self.came(text, RelayFixture.token, in: relay.relay.hosts, at: 0) }
        let slots = [try relay.connect(), try relay.connect()]
        for (slot, text) in zip(slots, ["a", "b"]) { try slot.post(slot: SlotID(), host: text + ".wild.test") }
        #expect(["c.wild.test", "b.wild.test", "c.other.test"].map(came) == ["full 2", "in", "in"])
        #expect(self.came("c.wild.test", "wrong", in: relay.relay.hosts, at: 0) == "refused")
        var config = RelayConfig()
        config.hosts = [HostConfig(pattern: "*.wild.test", tokens: [Token(RelayFixture.token)])]
        _ = relay.relay.apply(config)
        #expect(came("c.wild.test") == "full 2")
        slots[0].leave()
        #expect(["c.wild.test", "a.wild.test"].map(came) == ["in", "in"], "none is here for the one or the other")
    }

    @Test("that come while a reload withdraws their token are not served after it")
    func withdrawnToken() async throws {
        let names = try (0..<50).map { try name("n\($0).wild.test") }
        let metrics = RelayMetrics()
        let tables = ["old", "new"].map { token in
            Site(pattern: "*.wild.test", tokens: [Token(token)], metrics: metrics.site("*.wild.test"))
        }
        for _ in 0..<10 {
            let hosts = HostTable([tables[0]], limits: HostLimits(), logger: Logger(label: "test"))
            async let reload: Void = hosts.apply([tables[1]], limits: HostLimits(), at: .at(0))
            for name in names { _ = hosts.host(forSlot: name, token: "old".utf8.span, at: .at(0)) }
            await reload
            #expect(!names.contains { hosts.host(forSlot: $0, token: "old".utf8.span, at: .at(0)).granted != nil })
        }
    }
}

extension HostTable.Admission {
    fileprivate var word: String {
        switch self {
        case .granted: "in"
        case .refused: "refused"
        case .full(_, let limit): "full \(limit)"
        }
    }
}
