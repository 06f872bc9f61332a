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

    @Test("below a wildcard are forgotten an hour after their last slot")
    func forgotten() throws {
        _ = hosts.host(forSlot: try name("a.wild.test"), token: RelayFixture.token.utf8.span, at: .at(0))
        #expect(try found("a.wild.test") == "host a.wild.test")
        hosts.sweep(at: .at(3599))
        #expect(try found("a.wild.test") == "host a.wild.test")
        hosts.sweep(at: .at(3600))
        #expect(try found("a.wild.test") == "offline *.wild.test")
        #expect(try found("blog.test") == "host blog.test")
    }

    @Test("below a wildcard are not kept by who has no token")
    func wrongToken() throws {
        _ = hosts.host(forSlot: try name("a.wild.test"), token: RelayFixture.token.utf8.span, at: .at(0))
        #expect(hosts.host(forSlot: try name("a.wild.test"), token: "wrong".utf8.span, at: .at(3599)).granted == nil)
        hosts.sweep(at: .at(3600))
        #expect(try found("a.wild.test") == "offline *.wild.test")
    }

    @Test("below a wildcard that only a hello has named are forgotten in seconds, unless their slot polls")
    func greeted() throws {
        for text in ["a.wild.test", "b.wild.test"] {
            let admission = hosts.host(
                forSlot: try name(text), token: RelayFixture.token.utf8.span, isHello: true, at: .at(0))
            #expect(admission.word == "in")
        }
        hosts.sweep(at: .at(1))
        #expect(try found("a.wild.test") == "host a.wild.test")
        _ = hosts.host(forSlot: try name("b.wild.test"), token: RelayFixture.token.utf8.span, at: .at(1))
        _ = hosts.host(forSlot: try name("b.wild.test"), token: RelayFixture.token.utf8.span, isHello: true, at: .at(1))
        hosts.sweep(at: .at(2))
        #expect(try found("a.wild.test") == "offline *.wild.test")
        hosts.sweep(at: .at(3600))
        #expect(try found("b.wild.test") == "host b.wild.test")
    }

    @Test("below a wildcard make room for others when no slot of theirs is here, the oldest first")
    func makeRoom() throws {
        let relay = RelayFixture(namesPerWildcard: 4)
        let hosts = relay.relay.hosts
        func came(_ text: String, in seconds: Int64, isHello: Bool = false) throws -> String {
            hosts.host(
                forSlot: try name(text + ".wild.test"), token: RelayFixture.token.utf8.span, isHello: isHello,
                at: .now() + .seconds(seconds)
            ).word
        }
        func isThere(_ text: String) throws -> Bool { hosts.known(try name(text + ".wild.test")) != nil }
        let slot = try relay.connect()
        try slot.post(slot: SlotID(), host: "held.wild.test")
        #expect(try ["b", "c"].map { try came($0, in: 0) } == ["in", "in"])
        #expect(try came("hello", in: 1, isHello: true) == "in")
        #expect(try came("d", in: 2) == "in", "a hello keeps nobody out")
        #expect(try ["held", "b", "c", "hello", "d"].map(isThere) == [true, true, true, false, true])
        #expect(try came("e", in: 2) == "full 4", "a slot of theirs may be about to come")
        #expect(try came("c", in: 14) == "in")
        #expect(try came("e", in: 17) == "in")
        #expect(try ["held", "b", "c", "d", "e"].map(isThere) == [true, false, true, true, true])
    }

    @Test("below a wildcard are so many at the most, until one of them is forgotten")
    func full() throws {
        var limits = HostLimits()
        limits.namesPerWildcard = 2
        let metrics = RelayMetrics()
        let tables = ["*.wild.test", "*.other.test"].map {
            Site(pattern: $0, tokens: [Token("right")], metrics: metrics.site($0))
        }
        let hosts = HostTable(tables, limits: limits, logger: Logger(label: "test"))
        let came = { (text: String, seconds: Int64) in
            hosts.host(forSlot: try name(text), token: "right".utf8.span, at: .at(seconds)).word
        }
        #expect(try ["a", "b", "c", "b"].map { try came($0 + ".wild.test", 0) } == ["in", "in", "full 2", "in"])
        #expect(try came("c.other.test", 0) == "in", "each wildcard has its own")
        #expect(hosts.host(forSlot: try name("c.wild.test"), token: "wrong".utf8.span, at: .at(0)).word == "refused")
        #expect(try came("b.wild.test", 1) == "in")
        hosts.sweep(at: .at(3600))
        #expect(try ["c", "a", "b"].map { try came($0 + ".wild.test", 3600) } == ["in", "in", "full 2"])
        hosts.apply(tables, limits: HostLimits(), at: .at(3600))
        #expect(try came("b.wild.test", 3602) == "full 2", "a reload forgets none")
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
