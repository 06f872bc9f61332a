import FPWConfig
import FPWProtocol
import FPWTransport
import Testing

@testable import FPWDaemon

private let refusalPages: [(AccessRefusal, Int, String, HeaderFields)] = [
    (.address, 403, "address-refused", [:]),
    (.rate(retryAfter: .milliseconds(1200)), 429, "rate-limited", ["retry-after": "2"]),
    (.rate(retryAfter: .nanoseconds(1)), 429, "rate-limited", ["retry-after": "1"]),
    (.method(allowed: [.get, .head]), 405, "method-refused", ["allow": "GET, HEAD"]),
    (.path, 404, "path-refused", [:]),
    (
        .credentialsMissing(realm: "blog"), 401, "auth-required",
        ["www-authenticate": #"Basic realm="blog", charset="UTF-8""#]
    ),
    (
        .credentialsWrong(realm: "blog"), 401, "auth-failed",
        ["www-authenticate": #"Basic realm="blog", charset="UTF-8""#]
    ),
    (.failures(retryAfter: .seconds(6)), 429, "auth-limited", ["retry-after": "6"]),
    (.busy, 503, "auth-busy", ["retry-after": "1"]),
]

@Suite("Access rules")
struct AccessRulesTests {
    private func ranges(_ texts: [String]) -> [AddressRange]? {
        texts.isEmpty ? nil : texts.compactMap(AddressRange.init)
    }

    @Test(
        "an address is admitted by allow and deny as the relay tells it",
        arguments: [
            ([], [], VisitorAddress.unknown, true),
            ([], [], .unverified("192.0.2.1"), true),
            (["192.0.2.0/24"], [], .verified("192.0.2.1"), true),
            (["192.0.2.0/24"], [], .verified("192.0.3.1"), false),
            (["192.0.2.0/24"], [], .verified("::ffff:192.0.2.1"), true),
            (["192.0.2.0/24"], [], .verified("::ffff:c000:201"), true),
            (["192.0.2.0/24"], [], .verified("2001:db8::1"), false),
            (["2001:db8::/32"], [], .verified("2001:DB8:1::1"), true),
            (["0.0.0.0/0"], [], .verified("2001:db8::1"), false),
            // Nobody vouches for these.
            (["192.0.2.0/24"], [], .unverified("192.0.2.1"), false),
            (["0.0.0.0/0", "::/0"], [], .unverified("192.0.2.1"), false),
            (["0.0.0.0/0", "::/0"], [], .unknown, false),
            // No address, whoever says so.
            (["0.0.0.0/0", "::/0"], [], .verified("dead"), false),
            (["0.0.0.0/0", "::/0"], [], .verified("192.0.2.1:80"), false),
            (["0.0.0.0/0", "::/0"], [], .verified("192.0.2.01"), false),
            (["0.0.0.0/0", "::/0"], [], .verified("3221225985"), false),
            ([], ["192.0.2.7"], .verified("192.0.2.7"), false),
            ([], ["192.0.2.7"], .verified("::ffff:192.0.2.7"), false),
            ([], ["192.0.2.7"], .verified("192.0.2.8"), true),
            ([], ["192.0.2.7"], .unverified("192.0.2.7"), false),
            ([], ["192.0.2.7"], .unverified("192.0.2.8"), true),
            ([], ["192.0.2.7"], .unknown, true),
            (["192.0.2.0/24"], ["192.0.2.7"], .verified("192.0.2.7"), false),
            (["192.0.2.7"], ["192.0.2.0/24"], .verified("192.0.2.7"), false),
            (["192.0.2.0/24"], ["192.0.2.7"], .verified("192.0.2.8"), true),
        ])
    func addresses(allow: [String], deny: [String], address: VisitorAddress, isAdmitted: Bool) {
        let rules = AccessRules(
            AccessConfig {
                $0.allow = ranges(allow)
                $0.deny = ranges(deny)
            })
        #expect(rules.admits(address) == isAdmitted)
    }

    @Test(
        "a method is admitted by its name, and by that of the one it stands for",
        arguments: [
            ("GET", "{}", true), ("HEAD", "{}", true), ("POST", "{}", true), ("PUT", "{}", false), ("get", "{}", false),
            ("OPTIONS", "{}", false), ("GETX", "{}", false),
            ("POST", #"{"X-HTTP-Method-Override":"DELETE"}"#, false),
            ("POST", #"{"x_http_method_override":"delete"}"#, false),
            ("POST", #"{"X-HTTP-Method":"PUT"}"#, false),
            ("POST", #"{"X-Method-Override":["POST","PUT"]}"#, false),
            ("POST", #"{"X-Original-Method":"PUT"}"#, false), ("POST", #"{"x_override-method":"PUT"}"#, false),
            ("POST", #"{"X-HTTP-Method-Override":"post"}"#, true),
            ("DELETE", #"{"X-HTTP-Method-Override":"GET"}"#, false),
        ])
    func methods(name: String, fields: String, isAdmitted: Bool) throws {
        let rules = AccessRules(AccessConfig { $0.methods = [.get, .post] })
        let refusal = rules.refusal(ofRequest: try visit(name, fields: fields))
        #expect(refusal == (isAdmitted ? nil : .method(allowed: [.get, .post, .head])))
    }

    @Test(
        "a path is admitted by the target, and not by what asks for another one",
        arguments: [
            ("/hooks/x", "{}", true), ("/admin", "{}", false), ("/hooks/%2e%2e/admin", "{}", false),
            ("/hooks", #"{"X-Original-URL":"/admin"}"#, false), ("/hooks", #"{"x-rewrite-url":"/hooks"}"#, false),
            ("/hooks", #"{"X-Original-URI":"/admin"}"#, false), ("/hooks", #"{"X-Override-URL":"/admin"}"#, false),
            ("/hooks", #"{"X-Rewrite-Uri":"/admin"}"#, false), ("/hooks", #"{"x_original_path":"/admin"}"#, false),
            ("/hooks", #"{"X_Original_URL":"/admin"}"#, false), ("/hooks", #"{"X-Original":"/admin"}"#, true),
            ("/hooks", #"{"Destination":"https://x.test/hooks/a"}"#, true),
            ("/hooks", #"{"Destination":"/hooks/a"}"#, true), ("/hooks", #"{"Destination":"/admin"}"#, false),
            ("/hooks", #"{"Destination":["/hooks","/admin"]}"#, false),
            ("/hooks", #"{"destination":"http://x/hooks/%2e%2e/admin"}"#, false),
            ("/hooks", #"{"DESTINATION":"http://hooks"}"#, false),
            ("/hooks", #"{"Destination":"//x/hooks"}"#, false), ("/hooks", #"{"Destination":"hooks/a"}"#, false),
            ("/hooks", #"{"Destination":""}"#, false),
        ])
    func paths(target: String, fields: String, isAdmitted: Bool) throws {
        let rules = AccessRules(AccessConfig { $0.paths = ["/hooks"].compactMap { PathPrefix($0) } })
        #expect(rules.refusal(ofRequest: try visit("GET", target, fields: fields)) == (isAdmitted ? nil : .path))
    }

    @Test("what comes first is told first, and refused visits count for the rate too")
    func order() throws {
        let gate = AccessGate(
            AccessConfig {
                $0.deny = ranges(["192.0.2.66"])
                $0.rateLimit = RequestRate(4, per: .minute)
                $0.methods = [.get]
                $0.paths = ["/hooks"].compactMap { PathPrefix($0) }
                $0.passwords = try? .sample()
            }, name: "blog", slots: 10)
        func refusal(_ visit: Visit) -> AccessRefusal? {
            if case .refuse(let refusal) = gate.decide(on: visit, at: .at(0)) { refusal } else { nil }
        }
        #expect(refusal(try visit("PUT", "/x", address: "192.0.2.66")) == .address)
        #expect(refusal(try visit("PUT", "/x")) == .method(allowed: [.get, .head]))
        #expect(refusal(try visit("GET", "/x")) == .path)
        #expect(refusal(try visit("GET", "/hooks")) == .credentialsMissing(realm: "blog"))
        #expect(refusal(try visit("HEAD", "/hooks")) == .credentialsMissing(realm: "blog"))
        #expect(refusal(try visit("PUT", "/x")) == .rate(retryAfter: .seconds(15)))
        #expect(refusal(try visit("PUT", "/x", address: "192.0.2.66")) == .address)
    }

    @Test("without rules everyone passes with everything")
    func open() throws {
        let gate = AccessGate(AccessConfig(), name: "blog", slots: 10)
        guard case .pass = gate.decide(on: try visit("PURGE", "//../%", address: nil), at: .at(0)) else {
            Issue.record("refused")
            return
        }
        #expect(!gate.takesCredentials)
        #expect(!gate.misses(.unknown))
    }

    @Test("a refusal is a page with its fields", arguments: refusalPages)
    func pages(refusal: AccessRefusal, status: Int, reason: String, fields: HeaderFields) {
        #expect(refusal.page.status == status)
        #expect(refusal.page.reason == reason)
        #expect(refusal.page.fields == fields)
        let expected: HeaderFields = [
            "content-type": "application/json", "cache-control": "no-store", "x-fpw-reason": reason,
        ]
        #expect(refusal.page.rendered(accept: "application/json").fields.dropLast(fields.count).elementsEqual(expected))
    }
}
