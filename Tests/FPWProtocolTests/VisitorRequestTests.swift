import Testing

@testable import FPWProtocol

@Suite("A visitor's request at the relay")
struct VisitorRequestTests {
    private var origin = VisitorRequest.Origin(
        address: "203.0.113.9", scheme: "https", host: "blog.example:8443", isFromTrustedProxy: false,
        requestID: RequestID(in: [RequestID.field: "r-1"]) ?? RequestID())

    private func answer(
        _ headers: HeaderFields, method: Method = .get, target: String = "/", origin: VisitorRequest.Origin? = nil
    ) throws -> HeaderFields {
        try VisitorRequest(
            id: id, method: method, target: Array(target.utf8), headers: headers, origin: origin ?? self.origin
        ).answerFields
    }

    private let id = VisitID()

    @Test("is handed to a slot in both spellings")
    func usesBothSpellings() throws {
        #expect(
            try answer(["Host": "blog.example:8443"], method: .put, target: "/a?b=c") == [
                "fpw-method": "PUT", "fpw-url": "/a?b=c", "fpw-ip": "203.0.113.9", "fpw-uip": "203.0.113.9",
                "fpw-header":
                    #"{"Host":"blog.example:8443","x-forwarded-proto":"https","x-forwarded-host":"blog.example:8443","x-request-id":"r-1"}"#,
                "fpw-id": id.description, "fpw-rid": id.description, "fpw-features": "hello, drain, stream, resend",
            ])
    }

    @Test("loses the protocol's names, hop-by-hop fields, framing and claims about its origin")
    func stripsFields() throws {
        let fields = try answer([
            "Fpw-Id": "1", "fpw_token": "x", "FPW-HEADER": "{}", "Connection": "x-gone", "X-Gone": "1",
            "TE": "trailers",
            "Content-Length": "3", "Transfer-Encoding": "chunked", "Expect": "100-continue", "Proxy-Authorization": "y",
            "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "ftp", "X-Forwarded-Host": "evil",
            "Forwarded": "for=6.6.6.6",
            "X-Real-IP": "6.6.6.6", "X-Request-Id": "forged", "x_request_id": "forged", "X-Fpw-Loop": "kept",
            "Cookie": "a", "cookie": "b",
        ])
        #expect(
            fields.firstString("fpw-header")
                == #"{"X-Fpw-Loop":"kept","Cookie":["a","b"],"x-forwarded-proto":"https","x-forwarded-host":"blog.example:8443","x-request-id":"r-1"}"#
        )
    }

    @Test("keeps what a trusted proxy says of its scheme and host")
    func believesTrustedProxies() throws {
        var origin = origin
        origin.isFromTrustedProxy = true
        let said = try answer(["X-Forwarded-Proto": "http", "X-Forwarded-Host": "public.example"], origin: origin)
        #expect(
            said.firstString("fpw-header")
                == #"{"x-forwarded-proto":"http","x-forwarded-host":"public.example","x-request-id":"r-1"}"#)
        let unsaid = try answer([:], origin: origin)
        #expect(
            unsaid.firstString("fpw-header")
                == #"{"x-forwarded-proto":"https","x-forwarded-host":"blog.example:8443","x-request-id":"r-1"}"#
        )
    }

    @Test("is read by fpwd as it was sent")
    func isReadBack() throws {
        var headers: HeaderFields = ["Host": "blog.example:8443", "Accept": "*/*"]
        headers.append(name: "X-Latin", value: [0xE9, 0x22, 0x5C, 0x09, 0xFF])
        let fields = try answer(headers, method: .options, target: "*")
        let visit = try Visit(reference: try #require(VisitReference(in: fields)), answer: fields)
        #expect(visit.method == .options)
        #expect(visit.target.description == "*")
        #expect(visit.host == "blog.example:8443")
        #expect(
            visit.headers
                == {
                    headers.keep { name, _ in !name.isNamed("host") }; return headers
                }())
        #expect(visit.address == .verified("203.0.113.9"))
        #expect(visit.relayProto == "https")
        #expect(visit.relayHost == "blog.example:8443")
    }

    @Test("is refused before a slot is found for it")
    func refuses() {
        #expect(throws: VisitRefusal.connect) { try answer([:], method: .connect, target: "a:1") }
        #expect(throws: VisitRefusal.upgrade) { try answer(["Upgrade": "websocket"]) }
        #expect(throws: VisitRefusal.badTarget) { try answer([:], target: "http://x/") }
        #expect(throws: VisitRefusal.headerTooLarge) { try answer(["a": String(repeating: "x", count: 65_000 + 500)]) }
        var many = HeaderFields()
        for index in 0..<255 { many.append(name: "h\(index)", value: "") }
        #expect(throws: VisitRefusal.headerTooLarge) { try answer(many) }
    }
}

@Suite("A host name")
struct HostNameTests {
    @Test("is as long as DNS allows at the most", arguments: [(1, true), (253, true), (254, false), (125_000, false)])
    func length(count: Int, isTaken: Bool) {
        let name = String(repeating: "a", count: count)
        #expect(HostName(name.utf8)?.text == (isTaken ? name : nil))
        #expect(
            HostName("\(name).:8080".utf8)?.text == (isTaken ? name : nil), "the port and a dot behind it do not count")
    }

    @Test(
        "is compared without case, port and trailing dot",
        arguments: [
            ("blog.example", "blog.example"), ("Blog.EXAMPLE:8443", "blog.example"), ("blog.example.", "blog.example"),
            ("blog.example.:80", "blog.example"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]"),
            ("127.0.0.1:1", "127.0.0.1"),
            ("a", "a"),
        ]
    )
    func normalises(text: String, name: String) {
        #expect(HostName(text.utf8)?.text == name)
    }

    @Test("is refused where nothing is left of it", arguments: ["", ":80", ".", "a b", "é", "a\r\nb", "[::1", "\u{0}"])
    func refuses(text: String) {
        #expect(HostName(text.utf8) == nil)
    }

    @Test(
        "matches a name, or any below one",
        arguments: [
            ("a.example", "a.example", true), ("b.example", "a.example", false), ("b.a.example", "*.a.example", true),
            ("c.b.a.example", "*.a.example", true), ("a.example", "*.a.example", false),
            (".a.example", "*.a.example", false),
            ("ba.example", "*.a.example", false), ("x.b", "*.a", false),
        ]
    )
    func matches(name: String, pattern: String, isMatch: Bool) throws {
        #expect(try #require(HostName(name.utf8)).matches(pattern) == isMatch)
    }
}

@Suite("A token")
struct TokenTests {
    @Test(
        "matches itself alone",
        arguments: [
            ("secret", "secret", true), ("secret", "secreT", false), ("secret", "secre", false),
            ("secret", "secrets", false),
            ("secret", "", false), ("secret", "secretsecret", false), ("", "", false), ("", "a", false),
            ("é", "é", true),
        ]
    )
    func matches(secret: String, candidate: String, isMatch: Bool) {
        #expect(Token(secret).matches(candidate.utf8.span) == isMatch)
        #expect([Token("other"), Token(secret)].match(for: candidate.utf8.span) == (isMatch ? Token(secret) : nil))
        #expect([Token(secret), Token("other")].match(for: candidate.utf8.span) == (isMatch ? Token(secret) : nil))
    }

    @Test("never prints")
    func isRedacted() {
        let token = Token("secret")
        var dumped = ""
        dump(token, to: &dumped)
        #expect("\(token)" == "<redacted>")
        #expect(String(reflecting: token) == "<redacted>")
        #expect(!dumped.contains("secret"))
        #expect(!"\(SlotIdentity(host: "a", token: token, slot: SlotID()))".contains("secret"))
    }
}
