import FPWConfig
import FPWMetrics
import FPWProtocol
import NIOCore
import Testing

@testable import FPWRelay

@Suite("a reload")
struct ReloadTests {
    private static let newToken = "a-newer-token-of-the-tests"
    let relay = RelayFixture()

    /// Applies a configuration with these hosts, each with its tokens.
    @discardableResult
    private func reload(
        _ hosts: [(String, [String])], _ change: (inout RelaySettings) -> Void = { _ in }
    ) -> RelayReloadPlan {
        var config = RelayConfig()
        config.hosts = hosts.map { HostConfig(pattern: $0, tokens: $1.map { Token($0) }) }
        change(&config.relay)
        return relay.relay.apply(config)
    }

    private func status(_ host: String = "blog.test") throws -> String {
        try String(relay.visitor("GET / HTTP/1.1\r\nhost: \(host)\r\n\r\n").received().prefix(12).suffix(3))
    }

    @Test("that does not change a host leaves its parked polls, waiting visitors and visits alone")
    func unchanged() throws {
        let (busy, visitor) = (try relay.slot(), try relay.visitor())
        let id = try busy.visitID()
        let waiting = try relay.visitor()
        #expect(reload([("blog.test", [RelayFixture.token])]).hosts.unchanged.map(\.pattern) == ["blog.test"])
        #expect(visitor.received() + waiting.received() == "")
        try busy.reply(to: id, body: "whole")
        #expect(visitor.received().hasSuffix("whole"))
        try busy.reply(to: try busy.visitID(), body: "too")
        #expect(waiting.received().hasSuffix("too"))
        reload([("blog.test", [RelayFixture.token])])
        #expect(busy.received() == "")
        _ = try relay.visitor()
        _ = try busy.visitID()
    }

    @Test("that removes a host lets its polls go, finishes its visits, and knows it no more")
    func removed() throws {
        let (idle, busy) = (try relay.slot(), try relay.slot())
        let visitor = try relay.visitor()
        let id = try busy.visitID()
        #expect(reload([("new.test", [Self.newToken])]).hosts.added.map(\.pattern) == ["new.test"])
        #expect(idle.received().hasPrefix("HTTP/1.1 204 "))
        #expect(try status() == "404")
        try idle.post()
        #expect(idle.received().hasPrefix("HTTP/1.1 403 "))
        try busy.reply(to: id, body: "whole")
        #expect(visitor.received().hasSuffix("whole"))
        #expect(busy.received().hasPrefix("HTTP/1.1 204 "))
        try busy.post()
        #expect(busy.received().hasPrefix("HTTP/1.1 403 "))
        #expect(try status("new.test") == "502")
    }

    @Test("that withdraws a token lets its polls go, takes the reply of a visit under way, and keeps the others")
    func withdrawnToken() throws {
        reload([("blog.test", [Self.newToken, RelayFixture.token])])
        let (idle, busy) = (try relay.slot(), try relay.slot())
        let visitor = try relay.visitor()
        let id = try busy.visitID()
        let newer = try relay.connect()
        try newer.send("POST / HTTP/1.1\r\nhost: x\r\nfpw-host: blog.test\r\nfpw-token: \(Self.newToken)\r\n\r\n")
        #expect(reload([("blog.test", [Self.newToken])]).hosts.changed.count == 1)
        #expect(idle.received().hasPrefix("HTTP/1.1 204 "))
        #expect(newer.received() == "")
        try busy.reply(to: id, body: "whole")
        #expect(visitor.received().hasSuffix("whole"))
        #expect(busy.received().hasPrefix("HTTP/1.1 204 "))
        try busy.post()
        #expect(busy.received().hasPrefix("HTTP/1.1 403 "))
        _ = try relay.visitor()
        _ = try newer.visitID()
    }

    @Test("while a poll's POST is on its way parks it by the new tokens")
    func onItsWay() throws {
        let peer = try relay.connect()
        try peer.send(
            "POST / HTTP/1.1\r\nhost: x\r\nfpw-host: blog.test\r\nfpw-token: \(RelayFixture.token)\r\ncontent-length: 1\r\n\r\n"
        )
        reload([("blog.test", [Self.newToken])])
        try peer.send("x")
        #expect(peer.received().hasPrefix("HTTP/1.1 204 "))
        #expect(relay.relay.hosts.all.map(\.status.parked) == [0])
    }

    @Test("does not make a withdrawn token good for another slot's visit, or for one that is over")
    func forgedReply() throws {
        let slot = try relay.slot()
        _ = try relay.visitor()
        let id = try slot.visitID()
        reload([])
        let thief = try relay.connect(as: SlotID())
        try thief.reply(to: id)
        #expect(thief.received().hasPrefix("HTTP/1.1 403 "))
        try slot.reply(to: id)
        _ = slot.received()
        try slot.reply(to: id)
        #expect(slot.received().hasPrefix("HTTP/1.1 403 "))
    }

    @Test("may move a host from a wildcard to a table of its own, and back, with its polls")
    func moved() throws {
        let slot = try relay.connect(as: SlotID())
        try slot.post(host: "a.wild.test")
        reload([("a.wild.test", [RelayFixture.token])])
        reload([("*.wild.test", [RelayFixture.token])])
        #expect(slot.received() == "")
        _ = try relay.visitor("GET / HTTP/1.1\r\nhost: a.wild.test\r\n\r\n")
        _ = try slot.visitID()
    }

    @Test("brings back a host that was removed while a visit was under way")
    func restored() throws {
        let slot = try relay.slot()
        let visitor = try relay.visitor()
        let id = try slot.visitID()
        reload([])
        reload([("blog.test", [RelayFixture.token])])
        try slot.reply(to: id, body: "whole")
        #expect(visitor.received().hasSuffix("whole"))
        #expect(slot.received() == "", "its POST is parked")
        _ = try relay.visitor()
        _ = try slot.visitID()
    }

    @Test("changes settings for the requests that come, not for those that are here")
    func settings() throws {
        let early = try relay.visitor("POST / HTTP/1.1\r\nhost: blog.test\r\ncontent-length: 4\r\n\r\n1")
        #expect(early.received().hasPrefix("HTTP/1.1 502 "), "no slot yet")
        let slot = try relay.slot()
        let visitor = try relay.visitor("POST / HTTP/1.1\r\nhost: blog.test\r\ncontent-length: 4\r\n\r\n12")
        let plan = reload([("blog.test", [RelayFixture.token])]) {
            $0.maxBody = ByteCount(bytes: 3)
            $0.parkTime = .seconds(10)
            $0.loops = 7
        }
        #expect(plan.settings.live == ["max_body", "park_time"])
        #expect(plan.settings.needRestart == ["loops"])
        try visitor.send("34")
        #expect(slot.received().hasSuffix("1234"))
        let late = try relay.visitor("POST / HTTP/1.1\r\nhost: blog.test\r\ncontent-length: 4\r\n\r\n1234")
        #expect(late.received().hasPrefix("HTTP/1.1 413 "))
        let idle = try relay.slot()
        relay.pass(seconds: 11)
        #expect(idle.received().hasPrefix("HTTP/1.1 204 "))
    }

    @Test("takes a removed host's series out of the metrics once its last visit has ended")
    func series() throws {
        let slot = try relay.slot()
        _ = try relay.visitor()
        let id = try slot.visitID()
        reload([("new.test", [Self.newToken])])
        relay.pass(seconds: 1)
        #expect(metrics.contains("host=\"blog.test\""))
        #expect(!metrics.contains("host=\"*.wild.test\""))
        try slot.reply(to: id)
        relay.pass(seconds: 1)
        #expect(!metrics.contains("host=\"blog.test\""))
        #expect(metrics.contains("host=\"new.test\""))
    }

    private var metrics: String {
        relay.relay.sweep(at: .now())
        return MetricsFormat.prometheus.text(of: relay.relay.metrics.registry.snapshot())
    }
}

@Suite("a slot's hello")
struct GreetingTests {
    let relay = RelayFixture(greetingTime: .milliseconds(250))

    @Test("lets a visitor wait for the first poll")
    func firstPoll() throws {
        let peer = try relay.connect(as: SlotID())
        try peer.post(fields: "fpw-hello: 1\r\n")
        _ = peer.received()
        let visitor = try relay.visitor()
        #expect(visitor.received() == "")
        try peer.post()
        try peer.reply(to: try peer.visitID(), body: "whole")
        #expect(visitor.received().hasSuffix("whole"))
    }
}
