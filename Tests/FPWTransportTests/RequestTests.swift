import FPWTransport
import TestSupport
import Testing

@Suite("What goes out in a request")
struct RequestTests {
    enum Framing: CaseIterable, Sendable {
        case none, empty, known, chunked

        var body: Transfer.RequestBody {
            switch self {
            case .none: .none
            case .empty: .empty
            case .known: .stream(FPWTransportTests.body(of: Array("hello".utf8)), length: 5)
            case .chunked: .stream(FPWTransportTests.body(of: Array("hello".utf8)), length: nil)
            }
        }

        var field: [String] {
            switch self {
            case .none: []
            case .empty: ["Content-Length: 0"]
            case .known: ["Content-Length: 5"]
            case .chunked: ["Transfer-Encoding: chunked"]
            }
        }

        func read(from peer: Peer) -> [UInt8] {
            switch self {
            case .none, .empty: []
            case .known: peer.read(5)
            case .chunked: peer.readChunks() ?? Array("no whole chunked body".utf8)
            }
        }

        var arrives: String { self == .known || self == .chunked ? "hello" : "" }
    }

    @Test(
        "a request has the host, its framing and our fields, and nothing that libcurl adds by itself",
        arguments: ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "x-own"], Framing.allCases)
    func wire(method: String, framing: Framing) async throws {
        let (outcome, heads, url) = try await withServer { peer in
            peer.readHead()
            peer.answer("200 OK", String(decoding: framing.read(from: peer), as: UTF8.self))
        } _: { loop, server in
            let client = try Client(loop, server)
            return (await client.ask(method, "/a?b=c", ["x-one": "1"], body: framing.body), server.requests, server.url)
        }
        let host = "Host: \(url.dropFirst("http://".count))"
        #expect(heads == [RequestHead(line: "\(method) /a?b=c HTTP/1.1", fields: [host, "x-one: 1"] + framing.field)])
        #expect(outcome.body == framing.arrives)
    }

    @Test("HEAD asks without a body, and the length in its answer is not waited for")
    func head() async throws {
        let outcome = try await withServer { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n")
            peer.readToEnd()
        } _: { loop, server in
            try await Client(loop, server).ask("HEAD")
        }
        #expect(outcome == Outcome(status: 200, fields: ["content-length: 5"]))
    }

    @Test(
        "a target goes out byte for byte",
        arguments: [
            "/", "/../etc/passwd", "/a/./b/../c", "/%2e%2e/", "//evil/", "/?", "/a?b=c&d=%20#not-a-fragment",
            "/[]{}|\\^`\"<>", "*", "/" + String(repeating: "x", count: 8000),
        ])
    func target(_ target: String) async throws {
        let heads = try await withServer { peer in
            peer.readHead()
            peer.answer()
        } _: { loop, server in
            _ = try await Client(loop, server).ask("OPTIONS", target)
            return server.requests
        }
        #expect(heads.map(\.line) == ["OPTIONS \(target) HTTP/1.1"])
    }

    @Test("without a target the path of the endpoint's URL is asked for")
    func pathOfURL() async throws {
        let heads = try await withServer { peer in
            peer.readHead()
            peer.answer()
        } _: { loop, server in
            let client = try Client(loop, .direct(server.url + "/a/../server-client"))
            client.transfer.start(.init(method: "POST", headers: HeaderLines(), body: .empty, sink: nil))
            _ = await client.end()
            return server.requests
        }
        #expect(heads.map(\.line) == ["POST /a/../server-client HTTP/1.1"])
    }

    @Test("fields arrive as they were given: empty values, repeated names, odd case, bytes above ASCII")
    func fields() async throws {
        let given: HeaderLines = [
            "X-Empty": "", "x-twice": "1", "X-TWICE": "2", "x-text": "a:b; c=\"d\", ü", "host": "example.org",
            "accept": "*/*", "content-type": "text/plain", "user-agent": "php-worker-v1",
        ]
        let heads = try await withServer { peer in
            peer.readHead()
            peer.answer()
        } _: { loop, server in
            _ = try await Client(loop, server).ask("POST", "/", given, body: .empty)
            return server.requests
        }
        #expect(
            heads == [
                RequestHead(
                    line: "POST / HTTP/1.1",
                    fields: [
                        "Content-Length: 0", "X-Empty:", "x-twice: 1", "X-TWICE: 2", "x-text: a:b; c=\"d\", ü",
                        "Host: example.org", "accept: */*", "content-type: text/plain", "user-agent: php-worker-v1",
                    ])
            ])
    }

    @Test("a field whose name only begins like content-type brings no content type of libcurl's along")
    func similarName() async throws {
        let heads = try await withServer { peer in
            peer.readHead()
            peer.answer()
        } _: { loop, server in
            _ = try await Client(loop, server)
                .ask("POST", "/", ["content-type-options": "x", "accept-encoding": "gzip"], body: .empty)
            return server.requests
        }
        #expect(
            heads.first?.fields.filter { !$0.hasPrefix("Host") } == [
                "Content-Length: 0", "accept-encoding: gzip", "content-type-options: x",
            ])
    }

    @Test("empty accept and content-type fields stay empty", arguments: ["accept", "content-type"])
    func emptyKnownField(_ name: String) async throws {
        let heads = try await withServer { peer in
            peer.readHead()
            peer.answer()
        } _: { loop, server in
            _ = try await Client(loop, server).ask("POST", "/", [name: ""], body: .empty)
            return server.requests
        }
        #expect(heads.first?.fields.filter { $0.lowercased().hasPrefix(name) } == ["\(name):"])
    }

    @Test("a large upload is not announced with Expect, and arrives whole", arguments: [Framing.known, .chunked])
    func largeUpload(_ framing: Framing) async throws {
        let sent = pattern(3 << 20)
        let outcome = try await withServer { peer in
            let head = peer.readHead()
            let arrived = framing == .known ? peer.read(sent.count) : peer.readChunks()
            peer.answer(
                "200 OK", "\(arrived == sent) \(head?.fields.contains { $0.lowercased().hasPrefix("expect") } == true)")
        } _: { loop, server in
            try await Client(loop, server)
                .ask("PUT", body: .stream(body(of: sent), length: framing == .known ? sent.count : nil))
        }
        #expect(outcome.body == "true false")
    }
}
