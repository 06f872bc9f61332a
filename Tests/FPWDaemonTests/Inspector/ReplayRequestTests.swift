import FPWProtocol
import FPWService
import Testing

@testable import FPWDaemon

@Suite struct ReplayRequestTests {
    static let headers: HeaderFields = [
        "Host": "a.test", "authorization": "Bearer one", "X-Hub-Signature-256": "sha256=0f", "Cookie": "a=1",
        "cookie": "b=2", "x-empty": "",
    ]

    static func pairs(_ request: ReplayRequest) -> [[String]] {
        request.headers.map { [String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)] }
    }

    @Test("as it was: the same line, fields and body, secrets too, and a mark that tells which one it repeats")
    func asItWas() throws {
        let original = try KeptVisit.sample(request: Self.headers, body: [0, 13, 10, 255])
        let request = try ReplayRequest(original, number: 17, .init())
        #expect(request.method == .post)
        #expect(request.target == original.target)
        #expect(request.body == [0, 13, 10, 255])
        #expect(
            Self.pairs(request).dropLast(2)
                == Self.headers.map {
                    [String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)]
                }[...])
        #expect(Self.pairs(request).last == ["X-Fpw-Replay", "17"])
    }

    @Test("a repetition has an id of its own, unless the page gives it one")
    func requestID() throws {
        let original = try KeptVisit.sample(request: ["a": "b", "x-request-id": "first"])
        let id = RequestID()
        let mark = ["X-Fpw-Replay", "17"]
        func sent(_ headers: [[String]]?) throws -> [[String]] {
            Self.pairs(try ReplayRequest(original, number: 17, id: id, .init(headers: headers)))
        }
        let own = [["a", "b"], ["X-Request-Id", id.description], mark]
        #expect(try sent(nil) == own)
        #expect(try sent([["a", "b"], ["X-Request-Id", "first"]]) == own)
        #expect(try sent([["X-Request-Id", "mine"], ["a", "b"]]) == [["X-Request-Id", "mine"], ["a", "b"], mark])
    }

    @Test("asked of another service, it names that one where it named a service of the tunnel")
    func naming() throws {
        func host(_ host: String) throws -> [String]? {
            let request = try ReplayRequest(.sample(request: ["host": host, "a": "b"]), number: 1, .init())
            return Self.pairs(request.naming("two:2", insteadOf: ["one:1", "two:2"])).first
        }
        #expect(try host("one:1") == ["Host", "two:2"])
        #expect(try host("a.test") == ["host", "a.test"])
    }

    @Test("secrets in the target and in URLs of fields, shown as marks, are sent again as they were")
    func secretsInURLs() throws {
        let original = try KeptVisit.sample(
            request: ["referer": "https://a.test/?token=t1"], target: "/cb?code=c1&state=x&token=a&token=b")
        let edit = ReplayRequest.Edit(
            target: "/cb?code=<redacted>&state=y&token=new&token=<redacted>",
            headers: [["referer", "https://a.test/?token=<redacted>"]])
        let request = try ReplayRequest(original, number: 1, edit)
        #expect(request.target.description == "/cb?code=c1&state=y&token=new&token=b")
        #expect(Self.pairs(request).first == ["referer", "https://a.test/?token=t1"])
    }

    @Test("a repeated repetition has one mark")
    func twice() throws {
        let original = try KeptVisit.sample(request: ["x-fpw-replay": "3", "a": "b"])
        let request = try ReplayRequest(original, number: 17, .init())
        #expect(Self.pairs(request).filter { $0[0] != "X-Request-Id" } == [["a", "b"], ["X-Fpw-Replay", "17"]])
    }

    @Test("edited: what the page sends, with the originals in the place of what was redacted, and without framing")
    func edited() throws {
        let original = try KeptVisit.sample(request: Self.headers, body: [1], bodySize: 9)
        let edit = ReplayRequest.Edit(
            method: "PUT", target: "/other?x=%20",
            headers: [
                ["Cookie", "<redacted>"], ["COOKIE", "<redacted>"], ["Authorization", "Bearer two"], ["X-New", "é"],
                ["Content-Length", "99"], ["Transfer-Encoding", "chunked"], ["Connection", "X-New2"], ["X-New2", ""],
            ],
            body: "aGk=")
        let id = RequestID()
        let request = try ReplayRequest(original, number: 1, id: id, edit)
        #expect(request.method == .put)
        #expect(request.target.description == "/other?x=%20")
        #expect(request.body == Array("hi".utf8))
        #expect(
            Self.pairs(request) == [
                ["Cookie", "a=1"], ["COOKIE", "b=2"], ["Authorization", "Bearer two"], ["X-New", "é"],
                ["X-Request-Id", id.description], ["X-Fpw-Replay", "1"],
            ])
    }

    static let refusals: [(edit: ReplayRequest.Edit, status: Int)] = [
        (.init(), 409), (.init(method: "PUT"), 409), (.init(method: "A B", body: ""), 400),
        (.init(method: "CONNECT", body: ""), 400), (.init(target: "http://evil.test/", body: ""), 400),
        (.init(target: "/a b", body: ""), 400), (.init(target: "*", body: ""), 400),
        (.init(headers: [["a"]], body: ""), 400), (.init(headers: [["a", "b\r\nc: d"]], body: ""), 400),
        (.init(headers: [["a b", "c"]], body: ""), 400), (.init(headers: [["a:", "c"]], body: ""), 400),
        (.init(headers: [["x-unknown", "<redacted>"]], body: ""), 400), (.init(body: "%%%"), 400),
        (.init(target: "/?token=<redacted>", body: ""), 400),
        (.init(headers: [["referer", "/?token=<redacted>"]], body: ""), 400),
    ]

    @Test("what cannot be sent is refused, and so is a body of which only the beginning was kept", arguments: refusals)
    func refused(edit: ReplayRequest.Edit, status: Int) throws {
        let original = try KeptVisit.sample(body: [1], bodySize: 300_000)
        let refusal = #expect(throws: ReplayRequest.Refusal.self) { try ReplayRequest(original, number: 1, edit) }
        #expect(refusal?.status == status)
    }

    @Test("the page's message may leave out what it does not change")
    func decoding() {
        #expect(JSON.value(ReplayRequest.Edit.self, from: Array("{}".utf8)) == .init())
        #expect(
            JSON.value(ReplayRequest.Edit.self, from: Array(#"{"method":"PUT","headers":[["a","b"]]}"#.utf8))
                == .init(method: "PUT", headers: [["a", "b"]]))
        #expect(JSON.value(ReplayRequest.Edit.self, from: Array(#"{"method":1}"#.utf8)) == nil)
        #expect(JSON.value(ReplayRequest.Edit.self, from: []) == nil)
    }
}
