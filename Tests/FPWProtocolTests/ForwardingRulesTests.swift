import Testing

@testable import FPWProtocol

@Suite("The upstream is shown")
struct ForwardingRulesTests {
    private var rules = ForwardingRules(
        hostHeader: .keep, publicScheme: nil, relayIsHTTPS: true, upstreamAuthority: "127.0.0.1:8080",
        publicHost: "blog.28820.com", loopID: "me")

    private func visit(_ json: String, ip: String? = "203.0.113.9") throws -> Visit {
        var fields: HeaderFields = ["fpw-id": "1", "fpw-method": "GET", "fpw-url": "/", "fpw-header": json]
        if let ip { fields.append(name: "fpw-ip", value: ip) }
        return try Visit(reference: VisitReference(fieldName: "fpw-id", value: "1".utf8), answer: fields)
    }

    @Test("the visitor's fields, and what the relay said of the visitor instead of what the visitor said")
    func showsVisitor() throws {
        let visit = try visit(
            #"""
            {"Host":"blog.28820.com:8443","Accept":"*/*","X-Forwarded-For":"6.6.6.6","X-Forwarded-Proto":"http",
             "X-Forwarded-Host":"blog.example","X-Forwarded-Port":"1","Forwarded":"for=6.6.6.6","X-Real-IP":"6.6.6.6",
             "Cookie":"é"}
            """#)
        var expected: HeaderFields = ["Accept": "*/*"]
        expected.append(name: "Cookie", value: [0xE9])
        for (name, value) in [
            ("host", "blog.28820.com:8443"), ("x-forwarded-for", "203.0.113.9"), ("x-real-ip", "203.0.113.9"),
            ("x-forwarded-proto", "http"), ("x-forwarded-host", "blog.example"), ("x-fpw-loop", "me"),
        ] { expected.append(name: name, value: value) }
        #expect(try rules.upstreamFields(for: visit) == expected)
    }

    @Test("the public name where the visitor's request has none", arguments: ["{}", #"{"Host":""}"#])
    func fillsHost(json: String) throws {
        let fields = try rules.upstreamFields(for: visit(json))
        #expect(
            fields == [
                "host": "blog.28820.com", "x-forwarded-for": "203.0.113.9", "x-real-ip": "203.0.113.9",
                "x-forwarded-proto": "https", "x-forwarded-host": "blog.28820.com", "x-fpw-loop": "me",
            ])
    }

    @Test("no address that nobody vouches for", arguments: ["{}", #"{"X-Forwarded-For":"10.0.0.1"}"#])
    func hidesUnverified(json: String) throws {
        let fields = try rules.upstreamFields(for: visit(json, ip: nil))
        #expect(!fields.contains("x-forwarded-for"))
        #expect(!fields.contains("x-real-ip"))
    }

    @Test(
        "one Host, as host_header says",
        arguments: [(.keep, "a"), (.upstream, "127.0.0.1:8080"), (.name("c.example"), "c.example")]
            as [(HostHeader, String)]
    )
    func rewritesHost(rule: HostHeader, host: String) throws {
        var rules = rules
        rules.hostHeader = rule
        let fields = try rules.upstreamFields(for: visit(#"{"host":"a","HOST":"b"}"#))
        #expect(fields.filter { $0.isNamed("host") }.map { String(decoding: $0.value, as: UTF8.self) } == [host])
        #expect(fields.firstString("x-forwarded-host") == "a")
    }

    @Test(
        "the scheme from the relay, else from public_scheme, else from the relay's URL",
        arguments: [
            ("http", "https", true, "http"), ("https", nil, false, "https"), (nil, "https", false, "https"),
            (nil, "http", true, "http"), (nil, nil, true, "https"), (nil, nil, false, "http"),
        ] as [(String?, String?, Bool, String)]
    )
    func tellsScheme(said: String?, key: String?, relayIsHTTPS: Bool, scheme: String) throws {
        var rules = rules
        rules.publicScheme = key
        rules.relayIsHTTPS = relayIsHTTPS
        let visit = try visit(said.map { #"{"x-forwarded-proto":"\#($0)"}"# } ?? "{}")
        #expect(try rules.upstreamFields(for: visit).firstString("x-forwarded-proto") == scheme)
    }

    @Test("nothing where the request has passed this daemon before", arguments: [#""me""#, #"["other","me"]"#])
    func findsLoops(ids: String) throws {
        let visit = try visit(#"{"X-Fpw-Loop":\#(ids)}"#)
        #expect(throws: VisitRefusal.loop) { try rules.upstreamFields(for: visit) }
    }

    @Test("the ids of other daemons, to which ours is added")
    func addsToOtherIDs() throws {
        let fields = try rules.upstreamFields(for: visit(#"{"X-Fpw-Loop":"other"}"#))
        #expect(
            fields.filter { $0.isNamed("x-fpw-loop") }.map { String(decoding: $0.value, as: UTF8.self) } == [
                "other", "me",
            ])
    }
}
