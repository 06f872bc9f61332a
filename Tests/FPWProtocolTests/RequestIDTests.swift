import Testing

@testable import FPWProtocol

@Suite("A request's id")
struct RequestIDTests {
    @Test("is 32 random hexadecimal digits where nobody gave one")
    func draws() {
        let ids = (1...100).map { _ in RequestID().description }
        #expect(Set(ids).count == 100)
        #expect(ids.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{32}/) != nil })
    }

    @Test(
        "is taken over where it stands once and is well-formed",
        arguments: [
            (["X-Request-Id": "8f14e45f-ceea-467f-a8f7-1b2c3d4e5f60"], "8f14e45f-ceea-467f-a8f7-1b2c3d4e5f60"),
            (["x-request-id": "Root=1-67891233-abcdef012345678912345678"], "Root=1-67891233-abcdef012345678912345678"),
            (["x-request-id": "a"], "a"),
            ([:], nil),
            (["x-request-id": ""], nil),
            (["x-request-id": "a b"], nil),
            (["x-request-id": "a\"b"], nil),
            (["x-request-id": "\u{E9}"], nil),
            (["x-request-id": "a", "X-Request-ID": "a"], nil),
        ] as [(HeaderFields, String?)])
    func reads(fields: HeaderFields, id: String?) {
        #expect(RequestID(in: fields)?.description == id)
    }

    @Test("has 128 characters at the most")
    func length() {
        let long = String(repeating: "a", count: 128)
        #expect(RequestID(in: ["x-request-id": long])?.description == long)
        #expect(RequestID(in: ["x-request-id": long + "a"]) == nil)
    }

    @Test("reaches the upstream, and no other field of that name does")
    func forwards() throws {
        let answer: HeaderFields = [
            "fpw-rid": "1", "fpw-method": "GET", "fpw-url": "/",
            "fpw-header": #"{"X-Request-Id":"r-1","x_request_id":"forged"}"#,
        ]
        let visit = try Visit(reference: try #require(VisitReference(in: answer)), answer: answer)
        #expect(visit.requestID?.description == "r-1")
        let rules = ForwardingRules(
            hostHeader: .keep, publicScheme: nil, relayIsHTTPS: true, upstreamAuthority: "a", publicHost: "b",
            loopID: "l")
        let fields = try rules.upstreamFields(for: visit)
        #expect(fields.firstString("x-request-id") == "r-1")
        #expect(!fields.contains("x_request_id"))
    }
}
