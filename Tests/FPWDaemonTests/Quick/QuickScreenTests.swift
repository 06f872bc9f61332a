import FPWConfig
import FPWProtocol
import FPWTransport
import Testing

@testable import FPWDaemon

@Suite struct QuickScreenTests {
    private static let upstreamWorks = "✓ http://127.0.0.1:3000 answers (200)"
    private static let upstreamFails = "✗ nothing listens on 127.0.0.1:3000"
    private static let relayWorks = "✓ relay https://blog.28820.com/ holds the tunnel open (confirmed)"
    private static let relayFails = "✗ relay https://blog.28820.com/: the relay answered 500"
    private static let relayRefuses =
        "✗ relay https://blog.28820.com/: 403: the relay refuses host blog.28820.com or its token (FPW_TOKEN)"
    private static let keepsTrying = "  fpwd keeps trying; Ctrl-C ends it."
    private static let banner = """

            https://blog.28820.com/  →  http://127.0.0.1:3000

            Anyone on the internet can open this URL.
            The relay's operator can read what passes.

            Ctrl-C ends it.

        """

    @Test("once a slot is open the banner stands there, once, and warnings are shown")
    func banner() throws {
        var history = try History()
        history.happen(.upstream(.answers(status: 200)), up(), try down(.failed(status: 500)), up())
        #expect(
            history.shown == [Self.upstreamWorks, Self.relayWorks, Self.banner, "(warnings on)", Self.relayWorks])
    }

    @Test("with the public token the banner says what that means")
    func publicToken() throws {
        #expect(
            QuickBanner(url: "https://blog.28820.com/", tunnel: try .quick()).text == """

                    https://blog.28820.com/  →  http://127.0.0.1:3000

                    Anyone on the internet can open this URL.
                    The relay's operator can read what passes.
                    With the public token, whoever knows the name may be able to receive its visitors:
                    use a token or a relay of your own for anything private.

                    Ctrl-C ends it.

                """)
    }

    @Test("the banner names the status page, with its key")
    func page() throws {
        let banner = QuickBanner(
            url: "https://blog.28820.com/", tunnel: try .quick(tokenSource: .environment),
            page: "http://127.0.0.1:9882/?key=0")
        #expect(
            banner.text == """

                    https://blog.28820.com/  →  http://127.0.0.1:3000
                    http://127.0.0.1:9882/?key=0  shows visits as they come

                    Anyone on the internet can open this URL.
                    The relay's operator can read what passes.

                    Ctrl-C ends it.

                """)
    }

    @Test("an end that does not work is told once, and that it is tried again")
    func keepsTrying() throws {
        var history = try History()
        history.happen(
            .upstream(.answers(status: 200)), try down(.failed(status: 500)),
            .tunnel(
                .link(
                    .stillDown(try Self.trouble(.failed(status: 500)), since: .seconds(1)), form: .opening,
                    publicURL: "")),
            .checkTimeIsUp(.seconds(4)))
        #expect(history.shown == [Self.upstreamWorks, Self.relayFails, Self.keepsTrying])
    }

    @Test("a relay that says nothing gets its line when the check's time is up")
    func silence() throws {
        var history = try History()
        history.happen(.upstream(.answers(status: 200)), .checkTimeIsUp(.seconds(4)))
        #expect(
            history.shown == [
                Self.upstreamWorks, "✗ relay https://blog.28820.com/: no answer within 4 s", Self.keepsTrying,
            ])
    }

    @Test("with --once the check's end decides whether it stays")
    func once() throws {
        let works = QuickScreen.Event.upstream(.answers(status: 200))
        let fails = QuickScreen.Event.upstream(.failed(TransferFailure(.connect, detail: "")))
        let cases: [([QuickScreen.Event], [String])] = [
            ([works, up()], [Self.upstreamWorks, Self.relayWorks, Self.banner, "(warnings on)"]),
            ([works, try down(.failed(status: 500))], [Self.upstreamWorks, Self.relayFails, "(ends: unavailable)"]),
            (
                [try down(.refused(status: 403, "")), works],
                [Self.relayRefuses, Self.upstreamWorks, "(ends: refused)"]
            ),
            (
                [up(), fails],
                [Self.relayWorks, Self.banner, "(warnings on)", Self.upstreamFails, "(ends: unavailable)"]
            ),
            (
                [fails, try down(.refused(status: 403, ""))],
                [Self.upstreamFails, Self.relayRefuses, "(ends: refused)"]
            ),
        ]
        for (events, shown) in cases {
            var history = try History(once: true)
            for event in events { history.happen(event) }
            #expect(history.shown == shown)
        }
    }

    @Test("what waits for a terminal that stands still has no copies of bodies")
    func withoutCopies() throws {
        let visit = EndedVisit(
            tunnel: "quick", record: VisitRecord(startedAt: .now), sent: 0, took: .zero, kept: try .sample(body: [1]))
        guard case .visit(let waiting) = TunnelEvent.visit(visit).withoutCopies else {
            return #expect(Bool(false), "it is another event")
        }
        #expect(visit.kept != nil && waiting.kept == nil)
    }

    @Test("a visit is one line, in which nothing steers the terminal")
    func visit() throws {
        var record = VisitRecord(startedAt: .now)
        record.method = "GET"
        record.target = "/a?b=c&token=s3cret"
        record.status = 502
        record.reason = "upstream-unreachable"
        record.address = "203.0.113.9\u{1B}[2J\u{202E}?"
        var history = try History()
        history.happen(.tunnel(.visit(EndedVisit(tunnel: "quick", record: record, sent: 0, took: .microseconds(3999)))))
        #expect(
            history.shown == ["14:03:22 502 GET /a?b=c&token=<redacted> 3 ms 203.0.113.9 [2J? (upstream-unreachable)"])
    }
}

extension QuickScreenTests {
    private static func trouble(_ answer: PollAnswer) throws -> LinkTrouble {
        LinkTrouble(answer, at: try .quick(tokenSource: .environment))
    }

    private func down(_ answer: PollAnswer) throws -> QuickScreen.Event {
        .tunnel(.link(.wentDown(try Self.trouble(answer)), form: .opening, publicURL: ""))
    }

    private func up() -> QuickScreen.Event {
        .tunnel(.link(.cameUp(after: nil), form: .confirmed, publicURL: "https://blog.28820.com/"))
    }

    /// Everything that a screen has shown.
    private struct History {
        private var screen: QuickScreen
        private(set) var shown: [String] = []

        init(once: Bool = false) throws {
            screen = QuickScreen(try .quick(tokenSource: .environment), once: once)
        }

        mutating func happen(_ events: QuickScreen.Event...) {
            for event in events {
                shown += screen.effects(of: event, at: "14:03:22").map(Self.text)
            }
        }

        private static func text(_ effect: QuickScreen.Effect) -> String {
            switch effect {
            case .show(let text): text
            case .showWarnings: "(warnings on)"
            case .leave(let status): "(ends: \(status))"
            }
        }
    }
}
