import FPWConfig
import FPWProtocol
import FPWTransport
import Testing

@testable import FPWDaemon

@Suite("What stands between a slot and its relay")
struct LinkTroubleTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let answer: PollAnswer
        let detail: String
        let summary: String
        let reason: String
        let isOfTheLink: Bool
        let backoff: Backoff.Trouble
        let retryAfter: Duration?

        init(
            _ answer: PollAnswer, _ detail: String, summary: String, reason: String, isOfTheLink: Bool = false,
            backoff: Backoff.Trouble = .relay, retryAfter: Duration? = nil
        ) {
            self.answer = answer
            self.detail = detail
            self.summary = summary
            self.reason = reason
            self.isOfTheLink = isOfTheLink
            self.backoff = backoff
            self.retryAfter = retryAfter
        }

        var testDescription: String { "\(answer)" }
    }

    @Test(
        "an answer that is no good answer says what the operator has to know",
        arguments: [
            Row(
                .refused(status: 403, "unknown host or token"),
                "the relay refuses host blog.example or its token (token in the configuration): 403 unknown host or token",
                summary: "the relay refuses this tunnel", reason: "refused", isOfTheLink: true, backoff: .refusal),
            Row(
                .redirect(location: "https://other.example/"),
                "the relay redirects to https://other.example/; set relay = \"https://other.example/\"",
                summary: "the relay is at another URL", reason: "redirect", isOfTheLink: true),
            Row(
                .wait(status: 429, retryAfter: .seconds(7)), "the relay asks to wait (429)",
                summary: "the relay answers with an error", reason: "status", retryAfter: .seconds(7)),
            Row(
                .wait(status: 429, retryAfter: nil, said: "blog has 3 slots"),
                "the relay asks to wait (429): blog has 3 slots", summary: "the relay answers with an error",
                reason: "status"),
            Row(
                .wait(status: 503, retryAfter: .seconds(9999)), "the relay asks to wait (503)",
                summary: "the relay answers with an error", reason: "status", retryAfter: .seconds(60)),
            Row(
                .failed(status: 500), "the relay answered 500", summary: "the relay answers with an error",
                reason: "status"),
            Row(
                .failed(status: 502), "the relay answered 502", summary: "the relay answers with an error",
                reason: "status", backoff: .transport),
            Row(
                .replyTooLarge(status: 413), "the relay answered 413", summary: "the relay answers with an error",
                reason: "status"),
            Row(
                .message("too many clients"), "the relay answered with a message: too many clients",
                summary: "the relay does not hold polls", reason: "message"),
            Row(
                .idle, "the relay answers polls at once, with nothing", summary: "the relay does not hold polls",
                reason: "message"),
        ])
    func answers(row: Row) throws {
        let trouble = LinkTrouble(row.answer, at: try .sample())
        #expect(trouble.detail == row.detail)
        #expect(trouble.summary == row.summary)
        #expect(trouble.reason == row.reason)
        #expect(LinkTrouble.reasons.contains(trouble.reason))
        #expect(trouble.isOfTheLink == row.isOfTheLink)
        #expect(trouble.backoff == row.backoff)
        #expect(trouble.retryAfter == row.retryAfter)
    }

    @Test(
        "a refusal names the token's source, never the token",
        arguments: [
            (TokenSource.inline, "token in the configuration"), (.file("/etc/fpw/t"), "token_file /etc/fpw/t"),
            (.environment, "FPW_TOKEN"), (.publicDefault, "the public default token"),
        ])
    func tokenSource(source: TokenSource, words: String) throws {
        let trouble = LinkTrouble(.refused(status: 401, "no"), at: try .sample(tokenSource: source))
        #expect(trouble.detail == "the relay refuses host blog.example or its token (\(words)): 401 no")
    }

    @Test(
        "a failure to connect is of the link, a broken exchange is the slot's own",
        arguments: TransferFailure.Kind.allCases)
    func failures(kind: TransferFailure.Kind) {
        let expected: [TransferFailure.Kind: String] = [
            .resolve: "dns", .connect: "connect", .tls: "tls", .proxy: "proxy", .timeout: "timeout",
        ]
        let trouble = LinkTrouble(TransferFailure(kind, detail: "what libcurl says"))
        guard kind != .resources else {
            #expect(trouble == LinkTrouble(.exhausted, detail: "what libcurl says"))
            return #expect(trouble.reason == "resources" && !trouble.isOfTheLink)
        }
        #expect(trouble.kind == (expected[kind] == nil ? .broken : .unreachable(kind)))
        #expect(trouble.reason == expected[kind] ?? "broken")
        #expect(LinkTrouble.reasons.contains(trouble.reason))
        #expect(UpstreamFault.reasons.contains(UpstreamFault(TransferFailure(kind, detail: "")).page.reason))
        #expect(trouble.isOfTheLink == (expected[kind] != nil))
        #expect(trouble.detail == "what libcurl says")
        #expect(trouble.backoff == .transport)
    }

    @Test(
        "a relay that says that it goes down is of the link, and no error",
        arguments: [
            (
                PollAnswer.wait(status: 503, retryAfter: .seconds(1)), "the relay is going down (503)",
                Duration.seconds(1)
            ),
            (.idle, "the relay is going down", nil),
        ] as [(PollAnswer, String, Duration?)])
    func leaving(answer: PollAnswer, detail: String, retryAfter: Duration?) throws {
        let trouble = LinkTrouble(answer, isLeaving: true, at: try .sample())
        #expect(trouble.kind == .leaving && trouble.isOfTheLink)
        #expect(trouble.detail == detail)
        #expect(trouble.summary == "the relay is going down")
        #expect(trouble.reason == "leaving")
        #expect(trouble.backoff == .transport)
        #expect(trouble.retryAfter == retryAfter)
    }

    @Test("a used connection that had ended says nothing, one of the POST's own does")
    func deadConnections() {
        for kind in TransferFailure.Kind.allCases {
            let failure = TransferFailure(kind, detail: "")
            #expect(failure.metDeadConnection(isFresh: false) == (kind == .unanswered))
            #expect(!failure.metDeadConnection(isFresh: true))
        }
    }

    @Test("the three forms of trouble without an answer read differently")
    func summaries() {
        func summary(_ kind: TransferFailure.Kind) -> String { LinkTrouble(TransferFailure(kind, detail: "")).summary }
        #expect(summary(.resolve) == "the relay cannot be reached")
        #expect(summary(.proxy) == "the proxy before the relay refuses")
        #expect(summary(.broken) == "a connection to the relay broke")
    }
}
