@testable import FPWService
import Logging
import NIOHTTP1
import ServiceLifecycle
import TestSupport
import Testing

@Suite struct AdminListenerTests {
    static let routes: [String: AdminRoute] = [
        "/": .machine { request in .text("\(request.method) \(request.path) \(request.query ?? "-")") },
        "/failing": .health { _ in .text("not ready", status: 503) },
        "/json": .machine { request in
            AdminResponse(
                contentType: "application/json", headers: ["cache-control": "no-store"], body: .bytes(Array("{}".utf8)))
        },
        "/either": .machine { request in request.answer(["a": "/"], asText: "a /", status: 503) },
        "/stream": .machine { _ in
            AdminResponse(
                contentType: "text/plain",
                body: .stream { stream in
                    try await stream.write("one")
                    try await stream.write("two")
                })
        },
        "/endless": .machine { _ in
            AdminResponse(
                contentType: "text/plain",
                body: .stream { stream in
                    try await stream.write("one")
                    try await Task.sleep(for: .seconds(3600))
                })
        },
        "/page/*/send": .change { request in .text("\(request.number ?? -1) \(request.body.count)") },
    ]

    /// Lines with CR LF and an empty one behind them, then the body.
    static func message(_ lines: String..., body: String = "") -> String {
        lines.map { "\($0)\r\n" }.joined() + "\r\n" + body
    }

    static let tooLong = String(repeating: "x", count: 70_000)

    static let exchanges: [(request: String, answer: String)] = [
        (
            message("GET /?a=b?c HTTP/1.1", "connection: close"),
            message(
                "HTTP/1.1 200 OK", "content-type: text/plain; charset=utf-8", "x-content-type-options: nosniff",
                "content-length: 12", "connection: close",
                body: "get / a=b?c\n")
        ),
        (
            message("HEAD / HTTP/1.1", "connection: close"),
            message(
                "HTTP/1.1 200 OK", "content-type: text/plain; charset=utf-8", "x-content-type-options: nosniff",
                "content-length: 9", "connection: close")
        ),
        (
            message("GET / HTTP/1.0"),
            message(
                "HTTP/1.0 200 OK", "content-type: text/plain; charset=utf-8", "x-content-type-options: nosniff",
                "content-length: 8", "connection: close",
                body: "get / -\n")
        ),
        (
            message("GET /json HTTP/1.1", "content-length: 2", body: "xx")
                + message("GET /failing HTTP/1.1", "connection: close"),
            message(
                "HTTP/1.1 200 OK", "cache-control: no-store", "content-type: application/json",
                "x-content-type-options: nosniff", "content-length: 2",
                "connection: keep-alive", body: "{}")
                + message(
                    "HTTP/1.1 503 Service Unavailable", "content-type: text/plain; charset=utf-8",
                    "x-content-type-options: nosniff", "content-length: 10",
                    "connection: close", body: "not ready\n")
        ),
        (
            message("GET /either HTTP/1.1", "accept: text/plain", "connection: close"),
            message(
                "HTTP/1.1 503 Service Unavailable", "content-type: text/plain; charset=utf-8",
                "x-content-type-options: nosniff", "content-length: 4",
                "connection: close", body: "a /\n")
        ),
        (
            message("GET /either HTTP/1.1", "accept: text/html, text/plain", "connection: close"),
            message(
                "HTTP/1.1 503 Service Unavailable", "content-type: application/json", "x-content-type-options: nosniff",
                "content-length: 10",
                "connection: close", body: "{\"a\":\"/\"}\n")
        ),
        (
            message("GET /nowhere HTTP/1.1", "connection: close"),
            message(
                "HTTP/1.1 404 Not Found", "content-type: text/plain; charset=utf-8", "x-content-type-options: nosniff",
                "content-length: 67",
                "connection: close",
                body: "not found; there is /, /either, /endless, /failing, /json, /stream\n")
        ),
        (
            message("POST / HTTP/1.1", "connection: close", "content-length: 1", body: "x"),
            message(
                "HTTP/1.1 405 Method Not Allowed", "content-type: text/plain; charset=utf-8", "allow: GET, HEAD",
                "x-content-type-options: nosniff", "content-length: 31", "connection: close",
                body: "only GET, HEAD is allowed here\n")
        ),
        (
            message("GET / HTTP/1.1", "content-length: 70000", body: tooLong),
            message(
                "HTTP/1.1 413 Payload Too Large", "content-type: text/plain; charset=utf-8", "content-length: 21",
                "connection: close", body: "the body is too long\n")
        ),
        (
            message("GET /stream HTTP/1.1", "connection: close"),
            message(
                "HTTP/1.1 200 OK", "content-type: text/plain", "x-content-type-options: nosniff",
                "transfer-encoding: chunked", "connection: close",
                body: "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")
        ),
        (
            message("HEAD /endless HTTP/1.1", "connection: close"),
            message(
                "HTTP/1.1 200 OK", "content-type: text/plain", "x-content-type-options: nosniff", "connection: close")
        ),
        (
            message("GET /stream HTTP/1.0"),
            message(
                "HTTP/1.0 200 OK", "content-type: text/plain", "x-content-type-options: nosniff", "connection: close",
                body: "onetwo")
        ),
        (
            message("GET / HTTP/1.1", "broken"),
            message("HTTP/1.1 400 Bad Request", "Connection: close", "Content-Length: 0")
        ),
        (
            message("GET / HTTP/1.1", "x: \(tooLong)"),
            message("HTTP/1.1 400 Bad Request", "Connection: close", "Content-Length: 0")
        ),
    ]

    @Test("a request is answered word for word", arguments: exchanges)
    func answered(request: String, answer: String) async throws {
        try await Self.serving { address, _ in
            let client = try RawClient(address)
            client.send(request)
            let received = await client.readToEnd()
            #expect(received == answer)
        }
    }

    @Test("an answer of any length is whole where the connection ends with it")
    func longAnswer() async throws {
        let body = String(repeating: "0123456789abcde\n", count: 1 << 20)
        try await Self.serving(routes: ["/": .machine { _ in .text(body) }]) { address, _ in
            let client = try RawClient(address)
            client.send(Self.message("GET / HTTP/1.1", "connection: close"))
            let received = await client.readToEnd()
            #expect(received.utf8.count > body.utf8.count && received.hasSuffix(body.suffix(100) + "\n"))
        }
    }

    @Test("a change takes a body of up to 2 MiB from its own page, with the key")
    func change() async throws {
        let key = AccessKey()
        try await Self.serving(key: key) { address, _ in
            guard case .tcp(_, let port) = address else { return }
            for (size, answer) in [(2 << 20, "17 2097152\n"), (2 << 20 + 1, "the body is too long\n")] {
                let client = try RawClient(address)
                let request = Self.message(
                    "POST /page/17/send HTTP/1.1", "host: localhost:\(port)", "origin: http://localhost:\(port)",
                    "cookie: fpw-test-\(port)=\(key.secret)", "content-length: \(size)", "connection: close",
                    body: String(repeating: "x", count: size))
                // More than the socket takes at once: it blocks until the listener reads.
                await onThread { client.send(request) }
                #expect(await client.readToEnd().hasSuffix("\r\n\r\n\(answer)"))
            }
        }
    }

    @Test("it listens on a unix socket too")
    func unix() async throws {
        let path = "/tmp/fpw-admin-\(UInt32.random(in: 0...UInt32.max))"
        try await Self.serving(.unix(path: path)) { address, _ in
            let client = try RawClient(address)
            client.send(Self.message("GET / HTTP/1.0"))
            #expect(await client.readToEnd().hasSuffix("get / -\n"))
        }
    }

    @Test("a stop ends idle connections and streams, and run returns")
    func stop() async throws {
        try await Self.serving { address, stop in
            let idle = try RawClient(address)
            idle.send(Self.message("GET / HTTP/1.1"))
            #expect(await idle.read(until: "get / -\n").hasSuffix("get / -\n"))
            let streaming = try RawClient(address)
            streaming.send(Self.message("GET /endless HTTP/1.1"))
            #expect(await streaming.read(until: "one\r\n").hasSuffix("3\r\none\r\n"))
            let silent = try RawClient(address)
            await stop()
            #expect(await idle.readToEnd() == "")
            #expect(await streaming.readToEnd() == "")
            #expect(await silent.readToEnd() == "")
        }
    }

    @Test("a client that leaves in the middle harms nobody")
    func leaves() async throws {
        try await Self.serving { address, _ in
            for request in ["GET /endless HTTP/1.1\r\n\r\n", "GET / HT", ""] {
                let client = try RawClient(address)
                client.send(request)
            }
            let client = try RawClient(address)
            client.send(Self.message("GET / HTTP/1.0"))
            #expect(await client.readToEnd().hasSuffix("get / -\n"))
        }
    }

    @Test("a client that sends no whole request in time is put out", arguments: ["", "GET / HT", "GET / HTTP/1.1\r\n"])
    func slow(request: String) async throws {
        try await Self.serving(limits: AdminLimits(requestTime: .milliseconds(20))) { address, _ in
            let client = try RawClient(address)
            client.send(request)
            #expect(await client.readToEnd() == "")
        }
    }

    @Test("a connection that is kept and not used is closed")
    func unused() async throws {
        let limits = AdminLimits(requestTime: Self.patient.requestTime, idleTime: .milliseconds(20))
        try await Self.serving(limits: limits) { address, _ in
            let client = try RawClient(address)
            client.send(Self.message("GET / HTTP/1.1"))
            #expect(await client.readToEnd().hasSuffix("connection: keep-alive\r\n\r\nget / -\n"))
        }
    }

    @Test("a taken address is told when the listener is made")
    func taken() async throws {
        try await Self.serving { address, _ in
            #expect(throws: BindFailure(address: address, key: "admin_listen", reason: .system(98))) {
                try AdminListener(address, program: "test", routes: [:], logger: Logger(label: "test"))
            }
        }
    }

    /// On a busy machine a test's turn may come late.
    static let patient = AdminLimits(requestTime: .seconds(60))

    /// Serves the routes while `body` runs with the address and a closure that begins a graceful stop.
    static func serving(
        _ address: ServerAddress = .tcp(host: "127.0.0.1", port: 0), routes: [String: AdminRoute] = routes,
        limits: AdminLimits = patient, key: AccessKey = AccessKey(),
        _ body: (ServerAddress, @Sendable () async -> Void) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let listener = try AdminListener(
            address, program: "fpw-test", routes: routes, limits: limits, accessKey: key, logger: logger)
        let group = ServiceGroup(configuration: .init(services: [.init(service: listener)], logger: logger))
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            try await body(listener.address) { await group.triggerGracefulShutdown() }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
