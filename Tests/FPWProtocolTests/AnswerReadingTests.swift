import Testing

@testable import FPWProtocol

@Suite("A relay's answer")
struct AnswerReadingTests {
    private static let reference = VisitReference(fieldName: "fpw-rid", value: "1".utf8)

    private static func reading(
        _ status: Int, _ headers: HeaderFields = [:], body: String = "", after: Duration = .seconds(60),
        reply: Bool = true
    ) -> AnswerReading {
        AnswerFacts(
            status: status, headers: headers, bodyIsEmpty: body.isEmpty, messageBody: Array(body.utf8),
            sinceUpload: after, carriedReply: reply
        ).reading()
    }

    @Test("with an id is a visit, whatever time it took", arguments: [200, 201, 299], [0, 60])
    func readsVisits(status: Int, seconds: Int) throws {
        let fields: HeaderFields = ["fpw-rid": "1", "fpw-method": "GET", "fpw-url": "/", "fpw-header": "{}"]
        let visit = try Visit(reference: Self.reference, answer: fields)
        let reading = Self.reading(status, fields, after: .seconds(seconds))
        let expected = AnswerReading(
            answer: .visit(Self.reference, .success(visit)), replyFate: .taken, countsAsError: false)
        #expect(reading == expected)
    }

    @Test("with an id and a bad request is a visit to be refused")
    func readsBadVisits() {
        let fields: HeaderFields = ["fpw-rid": "1", "fpw-method": "CONNECT", "fpw-url": "/", "fpw-header": "{}"]
        let expected = AnswerReading(
            answer: .visit(Self.reference, .failure(.connect)), replyFate: .taken, countsAsError: false)
        #expect(Self.reading(200, fields) == expected)
    }

    @Test(
        "without an id means what PROTOCOL.md's table says",
        arguments: [
            // 200, no id, empty body; 204
            (200, [:], "", .idle, .taken, false),
            (200, ["fpw-features": "hello"], "", .idle, .taken, false),
            (200, [:], "\r\n", .idle, .taken, false),
            (200, ["fpw-id": ""], "", .idle, .taken, false),
            (204, [:], "", .idle, .taken, false),
            (204, ["fpw-features": "hello", "fpw-public-url": "https://x/"], "", .idle, .taken, false),
            // idle expiry by a proxy or CDN, with its page or without
            (408, [:], "", .idle, .taken, false),
            (504, [:], "<html><title>504</title></html>", .idle, .taken, false),
            (524, [:], "", .idle, .taken, false),
            // a message from the platform
            (200, [:], "no such host", .message("no such host"), .taken, true),
            (201, [:], #"{"msg":"expired"}"#, .message("expired"), .taken, true),
            (200, [:], "<!DOCTYPE html><title>Hotel login</title>", .message("web page \"Hotel login\""), .taken, true),
            // refused
            (401, [:], "who?", .refused(status: 401, "who?"), .kept, true),
            (403, [:], "", .refused(status: 403, ""), .kept, true),
            // the visit is gone
            (409, [:], "", .visitGone, .dropped, false),
            // too large for this relay
            (413, [:], "", .replyTooLarge(status: 413), .dropped, true),
            (431, [:], "", .replyTooLarge(status: 431), .dropped, true),
            (400, [:], "", .replyTooLarge(status: 400), .dropped, true),
            (404, [:], "", .replyTooLarge(status: 404), .dropped, true),
            // told to wait
            (429, ["Retry-After": "7"], "", .wait(status: 429, retryAfter: .seconds(7)), .kept, true),
            (429, [:], "enough slots\n", .wait(status: 429, retryAfter: nil, said: "enough slots"), .kept, true),
            (503, ["retry-after": "120"], "", .wait(status: 503, retryAfter: .seconds(120)), .kept, true),
            (503, [:], "", .wait(status: 503, retryAfter: nil), .kept, true),
            (
                503, ["retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"], "", .wait(status: 503, retryAfter: nil), .kept,
                true
            ),
            (503, ["retry-after": "-1"], "", .wait(status: 503, retryAfter: nil), .kept, true),
            (503, ["retry-after": "99999999999999999999"], "", .wait(status: 503, retryAfter: nil), .kept, true),
            // misconfigured URL
            (301, ["Location": "https://x/\r\n"], "", .redirect(location: "https://x/"), .kept, true),
            (302, [:], "", .redirect(location: nil), .kept, true),
            (308, ["location": "/y"], "", .redirect(location: "/y"), .kept, true),
            // this slot's error
            (500, [:], "", .failed(status: 500), .kept, true),
            (502, [:], "", .failed(status: 502), .kept, true),
            (599, [:], "", .failed(status: 599), .kept, true),
            (101, [:], "", .failed(status: 101), .kept, true),
            (999, [:], "", .failed(status: 999), .kept, true),
        ] as [(Int, HeaderFields, String, PollAnswer, ReplyFate, Bool)]
    )
    func readsTable(
        status: Int, headers: HeaderFields, body: String, answer: PollAnswer, fate: ReplyFate, countsAsError: Bool
    ) {
        let expected = AnswerReading(answer: answer, replyFate: fate, countsAsError: countsAsError)
        #expect(Self.reading(status, headers, body: body) == expected)
    }

    @Test("of 4xx to a poll without a reply is the slot's error", arguments: [400, 404, 411, 413, 431])
    func readsErrorsOfPolls(status: Int) {
        let expected = AnswerReading(answer: .failed(status: status), replyFate: .taken, countsAsError: true)
        #expect(Self.reading(status, reply: false) == expected)
    }

    @Test("never leaves a reply to be sent where there was none", arguments: [200, 301, 403, 409, 429, 500, 504])
    func keepsNothing(status: Int) {
        #expect(Self.reading(status, after: .seconds(2), reply: false).replyFate == .taken)
    }

    @Test(
        "of a proxy's idle expiry keeps the reply within 5 s of the upload's end",
        arguments: [408, 504, 524],
        [(.zero, .kept), (.seconds(5), .kept), (.milliseconds(5001), .taken)] as [(Duration, ReplyFate)]
    )
    func keepsEarlyReplies(status: Int, time: (after: Duration, fate: ReplyFate)) {
        #expect(Self.reading(status, after: time.after).replyFate == time.fate)
    }

    @Test(
        "that is empty and comes within 1 s of the upload's end counts as an error",
        arguments: [200, 204, 408, 409, 504, 524],
        [(.zero, true), (.milliseconds(999), true), (.seconds(1), false)] as [(Duration, Bool)]
    )
    func preventsHotLoops(status: Int, time: (after: Duration, counts: Bool)) {
        #expect(Self.reading(status, after: time.after).countsAsError == time.counts)
    }

    @Test(
        "of fpw-relay tells that it goes down: 503 always, 204 and 409 to a reply with Retry-After",
        arguments: [
            (503, ["fpw-features": "drain", "retry-after": "1"], false, true),
            (503, ["fpw-features": "drain"], true, true),
            (503, ["retry-after": "1"], false, false),
            (204, ["fpw-features": "drain", "retry-after": "1"], true, true),
            (204, ["fpw-features": "drain", "retry-after": "1"], false, false),
            (204, ["fpw-features": "drain", "connection": "close"], true, false),
            (204, ["fpw-features": "drain"], true, false),
            (204, ["retry-after": "1"], true, false),
            (409, ["fpw-features": "drain", "retry-after": "1"], true, true),
            (409, ["fpw-features": "drain"], true, false),
            (409, ["retry-after": "1"], true, false),
        ] as [(Int, HeaderFields, Bool, Bool)]
    )
    func readsLeaving(status: Int, headers: HeaderFields, reply: Bool, isLeaving: Bool) {
        let facts = AnswerFacts(status: status, headers: headers, sinceUpload: .zero, carriedReply: reply)
        #expect(facts.announcesLeaving == isLeaving)
    }

    @Test(
        "of version 2 may refuse with fpw-status",
        arguments: [
            ("200", "", .idle, .taken, false),
            ("299", "", .idle, .taken, false),
            ("403", "no", .refused(status: 403, "no"), .kept, true),
            ("401", "", .refused(status: 401, ""), .kept, true),
            ("500", "full", .message("full"), .taken, true),
            ("x", "", .idle, .taken, false),
        ] as [(String, String, PollAnswer, ReplyFate, Bool)]
    )
    func readsVersionTwo(text: String, body: String, answer: PollAnswer, fate: ReplyFate, countsAsError: Bool) {
        let expected = AnswerReading(answer: answer, replyFate: fate, countsAsError: countsAsError)
        #expect(Self.reading(200, ["fpw-status": text], body: body) == expected)
    }

    @Test(
        "carries a visit's body exactly where it is a visit",
        arguments: [
            (200, ["fpw-id": "1"], true), (200, ["fpw-rid": "1", "fpw-status": "200"], true), (200, [:], false),
            (200, ["fpw-id": "1", "fpw-status": "403"], false), (403, ["fpw-id": "1"], false),
            (500, ["fpw-id": "1"], false),
        ] as [(Int, HeaderFields, Bool)]
    )
    func tellsVisitBodies(status: Int, headers: HeaderFields, carries: Bool) {
        let facts = AnswerFacts(status: status, headers: headers, sinceUpload: .seconds(2))
        #expect(facts.carriesVisit == carries)
        if case .visit = facts.reading().answer { #expect(carries) } else { #expect(!carries) }
    }
}

@Suite("A relay's features")
struct RelayFeaturesTests {
    @Test(
        "are read from a list",
        arguments: [
            ("hello, drain, stream, resend", .all), ("", []), ("HELLO", .hello),
            ("drain,,x, resend ", [.drain, .resend]),
            ("hello;q=1", []), ("streams", []),
        ] as [(String, RelayFeatures)]
    )
    func parses(text: String, features: RelayFeatures) {
        #expect(RelayFeatures(parsing: text.bytes) == features)
    }

    @Test("are written as a list")
    func writes() {
        #expect(RelayFeatures.all.text == "hello, drain, stream, resend")
        #expect(([.drain, .hello] as RelayFeatures).text == "hello, drain")
        #expect(RelayFeatures().text == "")
    }
}
