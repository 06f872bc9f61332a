import Testing

@testable import FPWProtocol

@Suite("A visit is read")
struct VisitTests {
    private func visit(_ fields: HeaderFields) throws -> Visit {
        try Visit(reference: try #require(VisitReference(in: fields)), answer: fields)
    }

    private func get(_ json: String) throws -> Visit {
        try visit(["fpw-id": "1", "fpw-method": "GET", "fpw-url": "/", "fpw-header": json])
    }

    @Test("in the documented spelling")
    func readsDocumentedSpelling() throws {
        let visit = try visit([
            "content-type": "application/octet-stream", "fpw-id": "7", "fpw-method": "PATCH", "fpw-url": "/a?b=c",
            "fpw-ip": "203.0.113.9",
            "fpw-header": #"{"Host":"blog.example","Accept":"*/*","Cookie":["a","b"],"x-forwarded-proto":"https"}"#,
        ])
        #expect(visit.reference == VisitReference(fieldName: "fpw-id", value: "7".utf8))
        #expect(visit.method == Method("PATCH".utf8))
        #expect(visit.target.description == "/a?b=c")
        #expect(visit.host == "blog.example")
        #expect(visit.headers == ["Accept": "*/*", "Cookie": "a", "Cookie": "b"])
        #expect(visit.address == .verified("203.0.113.9"))
        #expect(visit.relayProto == "https")
        #expect(visit.relayHost == nil)
    }

    @Test("in the deployed spelling, in any case")
    func readsDeployedSpelling() throws {
        let visit = try visit([
            "Fpw-Rid": "a b/c=", "Fpw-Method": "GET", "Fpw-Url": "/", "Fpw-Uip": "2001:db8::1",
            "Fpw-Header": #"{"HOST":"x","X-Forwarded-Host":"y:8443"}"#,
        ])
        #expect(visit.reference == VisitReference(fieldName: "fpw-rid", value: "a b/c=".utf8))
        #expect(visit.address == .verified("2001:db8::1"))
        #expect(visit.host == "x")
        #expect(visit.relayHost == "y:8443")
        #expect(visit.headers == [:])
    }

    @Test("with the deployed name of its id where a relay sends both")
    func prefersDeployedName() {
        let reference = VisitReference(in: ["fpw-id": "1", "fpw-rid": "2"])
        #expect(reference == VisitReference(fieldName: "fpw-rid", value: "2".utf8))
        #expect(
            VisitReference(in: ["fpw-id": "1", "fpw-rid": ""]) == VisitReference(fieldName: "fpw-id", value: "1".utf8))
        #expect(VisitReference(in: ["fpw-id": "", "fpw-header": "{}"]) == nil)
        #expect(VisitReference(in: ["fpw-id": "a\u{0}"]) == nil)
    }

    @Test("without headers where the relay sent none")
    func readsWithoutHeaders() throws {
        let visit = try visit(["fpw-id": "1", "fpw-method": "GET", "fpw-url": "/"])
        #expect(visit.headers == [:])
        #expect(visit.host == nil)
        #expect(visit.address == .unknown)
    }

    @Test("without framing, hop-by-hop fields and claims about its origin")
    func stripsFields() throws {
        let visit = try get(
            #"""
            {"Content-Length":"5","Transfer-Encoding":"chunked","Connection":"close, x-gone","X-Gone":"1",
             "Keep-Alive":"5","TE":"trailers","Expect":"100-continue","Proxy-Authorization":"x","Proxy-Connection":"y",
             "X-Forwarded-For":"1.2.3.4","X-Forwarded-Port":"1","Forwarded":"for=1.2.3.4","X-Real-IP":"1.2.3.4",
             "X_Forwarded_For":"1.2.3.4","x_real_ip":"1.2.3.4","Fpw-Ip":"1.2.3.4","fpw_token":"t","Host":"h","X-Kept":"z"}
            """#)
        #expect(visit.headers == ["X-Kept": "z"])
    }

    @Test(
        "with the address that the relay names, and the visitor's own claim only as unverified",
        arguments: [
            (["fpw-ip": "192.0.2.1"], "", .verified("192.0.2.1"), "192.0.2.1"),
            (["fpw-uip": "192.0.2.1"], "", .verified("192.0.2.1"), "192.0.2.1"),
            (["fpw-ip": "192.0.2.1"], "10.0.0.1", .verified("192.0.2.1"), "192.0.2.1"),
            ([:], "10.0.0.1", .unverified("10.0.0.1"), "10.0.0.1?"),
            ([:], "10.0.0.1, 10.0.0.2", .unverified("10.0.0.1"), "10.0.0.1?"),
            ([:], "unknown", .unknown, "-"),
            ([:], "<script>", .unknown, "-"),
            ([:], "", .unknown, "-"),
            (["fpw-ip": "evil, 1"], "", .unknown, "-"),
            (["fpw-ip": "1.2.3.4\u{1}"], "", .unknown, "-"),
        ] as [(HeaderFields, String, VisitorAddress, String)]
    )
    func tellsAddress(answer: HeaderFields, claim: String, address: VisitorAddress, text: String) {
        let read = VisitorAddress(answer: answer, visitor: ["X-Forwarded-For": claim])
        #expect(read == address)
        #expect(read.description == text)
    }

    @Test(
        "with the scheme that the relay says, where it is one",
        arguments: [("https", "https"), ("HTTP", "http"), ("ftp", nil), ("", nil), ("https,http", nil)]
            as [(String, String?)]
    )
    func tellsScheme(value: String, scheme: String?) throws {
        #expect(try get(#"{"X-Forwarded-Proto":"\#(value)"}"#).relayProto == scheme)
    }

    @Test(
        "and refused for its method",
        arguments: [("", .badMethod), ("G T", .badMethod), ("GÉT", .badMethod), ("CONNECT", .connect)]
            as [(String, VisitRefusal)]
    )
    func refusesMethods(method: String, refusal: VisitRefusal) {
        #expect(throws: refusal) {
            try visit(["fpw-id": "1", "fpw-method": method, "fpw-url": "/", "fpw-header": "{}"])
        }
    }

    @Test(
        "and refused for a target that could lead elsewhere",
        arguments: ["@evil/", ".evil", ":9101/x", "http://evil/", "", "/a b"])
    func refusesTargets(target: String) {
        #expect(throws: VisitRefusal.badTarget) {
            try visit(["fpw-id": "1", "fpw-method": "GET", "fpw-url": target, "fpw-header": "{}"])
        }
    }

    @Test(
        "and refused where its body's length is not one number",
        arguments: [["5", "6"], ["5, 5"], ["-1"], ["+5"], [""], ["18446744073709551616"]])
    func refusesLengths(lengths: [String]) {
        var fields: HeaderFields = ["fpw-id": "1", "fpw-method": "POST", "fpw-url": "/"]
        for length in lengths { fields.append(name: "Content-Length", value: length) }
        #expect(throws: VisitRefusal.badLength) { try visit(fields) }
    }

    @Test(
        "and refused where its body has a transfer coding that nobody asked for",
        arguments: ["gzip", "chunked, chunked"])
    func refusesCodings(codings: String) {
        let fields: HeaderFields = ["fpw-id": "1", "fpw-method": "POST", "fpw-url": "/", "Transfer-Encoding": codings]
        #expect(throws: VisitRefusal.badLength) { try visit(fields) }
    }

    @Test("but not where it stands twice and means the same")
    func acceptsRepeatedLength() throws {
        let method = try visit([
            "fpw-id": "1", "fpw-method": "POST", "fpw-url": "/", "content-length": "5", "Content-Length": "5",
        ]).method
        #expect(method == .post)
    }

    @Test("and refused without a method or a target")
    func refusesMissingFields() {
        #expect(throws: VisitRefusal.badMethod) { try visit(["fpw-id": "1", "fpw-url": "/"]) }
        #expect(throws: VisitRefusal.badTarget) { try visit(["fpw-id": "1", "fpw-method": "GET"]) }
    }

    @Test(
        "and refused for its headers",
        arguments: [
            (#"{"a":"b\r\nc: d"}"#, .badHeader(.badValue(name: "a"))),
            (#"{"a":"b\u0000"}"#, .badHeader(.badValue(name: "a"))),
            (#"{"a b":"c"}"#, .badHeader(.badName)),
            (#"{"a":"b\r\n c"}"#, .badHeader(.badValue(name: "a"))),
            ("nonsense", .badHeader(.notAnObject)),
            ("", .badHeader(.notAnObject)),
            (#"{"a":1}"#, .badHeader(.badType(name: "a"))),
            (#"{"a":"b","a":"c"}"#, .badHeader(.duplicate(name: "a"))),
            (#"{"Upgrade":"websocket","Connection":"Upgrade"}"#, .upgrade),
            (#"{"Sec-WebSocket-Key":"x"}"#, .upgrade),
        ] as [(String, VisitRefusal)]
    )
    func refusesHeaders(json: String, refusal: VisitRefusal) {
        #expect(throws: refusal) { try get(json) }
    }

    @Test("and refused where a relay sends more than 256 fields")
    func refusesTooManyFields() {
        let json = "{" + (0...256).map { "\"h\($0)\":\"\"" }.joined(separator: ",") + "}"
        #expect(throws: VisitRefusal.headerTooLarge) { try get(json) }
    }

    @Test(
        "and a refusal has a status, a word and a sentence",
        arguments: [
            (
                .badHeader(.badName), 400, "bad-header",
                "The request's header fields cannot be passed on: a name is not a token."
            ),
            (.badTarget, 400, "bad-target", "The request's target is not a path on this site."),
            (.badMethod, 400, "bad-method", "The request's method is not a valid token."),
            (.badLength, 400, "bad-length", "It is not told in one way where the request's body ends."),
            (.connect, 501, "connect", "This site is not a proxy: CONNECT is not served."),
            (.upgrade, 501, "upgrade", "This tunnel does not carry WebSocket or other protocol upgrades."),
            (
                .headerTooLarge, 431, "header-too-large",
                "The request's header fields are larger than 64 KiB or more than 256."
            ),
            (
                .loop, 508, "loop",
                "The upstream of this site leads back to its own tunnel; point it at the web service."
            ),
        ] as [(VisitRefusal, Int, String, String)]
    )
    func explainsRefusals(refusal: VisitRefusal, status: Int, reason: String, explanation: String) {
        #expect(refusal.status == status)
        #expect(refusal.reason == reason)
        #expect(refusal.explanation == explanation)
    }

    @Test(
        "and what is wrong with its headers is said",
        arguments: [
            (.syntax(offset: 3), "fpw-header is not JSON at byte 3"),
            (.notAnObject, "fpw-header is not a JSON object"),
            (.badType(name: "a"), "a is neither a string nor an array of strings"),
            (.duplicate(name: "a"), "a stands twice"),
            (.badName, "a name is not a token"),
            (.badValue(name: "a"), "the value of a holds a control character"),
            (.tooLarge, "fpw-header is too large"),
            (.tooManyFields, "there are more than 256 fields"),
        ] as [(HeaderJSONError, String)]
    )
    func explainsHeaderErrors(error: HeaderJSONError, text: String) {
        #expect(error.description == text)
    }
}
