import FPWTransport
import Glibc
import TestSupport
import Testing

@Suite("Connections")
struct ConnectionTests {
    @Test("a connection is used again for the next exchange")
    func reuse() async throws {
        let seen = try await withServer { peer in
            while peer.readHead() != nil { peer.answer("200 OK", "\(peer.number)") }
        } _: { loop, server in
            let first = try Client(loop, server)
            let second = try Client(loop, server)
            var bodies: [String] = []
            for client in [first, second, first, second] { bodies.append(await client.ask().body) }
            return (bodies, server.connections, server.requests.count)
        }
        #expect(seen == (["1", "1", "1", "1"], 1, 4))
    }

    @Test("users of several pools have a connection each, and use it again")
    func manyUsers() async throws {
        let users = 100
        let (statuses, connections) = try await withServer { peer in
            while peer.readHead() != nil { peer.answer() }
        } _: { loop, server in
            let clients = try (0..<users).map { _ in try Client(loop, server) }
            var statuses: [Int] = []
            for _ in 1...2 {
                for client in clients { client.start() }
                for client in clients { statuses.append(await client.end().status) }
            }
            return (statuses, server.connections)
        }
        #expect(statuses == Array(repeating: 200, count: 2 * users))
        #expect(connections == users)
    }

    @Test("two exchanges at once have two connections, and neither waits for the other")
    func parallel() async throws {
        let answered = Gate()
        let seen = try await withServer { peer in
            peer.readHead()
            if peer.number == 1 { answered.pass() }
            peer.answer("200 OK", "\(peer.number)")
        } _: { loop, server in
            let slow = try Client(loop, server)
            let quick = try Client(loop, server)
            slow.start()
            await slow.wait("the request to be sent") { slow.transfer.sentAt != nil }
            let first = await quick.ask().body
            answered.open()
            return (first, await slow.end().body)
        }
        #expect(seen == ("2", "1"))
    }

    @Test(
        "a request that met a used connection's end is not sent again",
        arguments: ["GET", "POST", "PUT"], RequestTests.Framing.allCases)
    func noRepetition(method: String, framing: RequestTests.Framing) async throws {
        let (outcome, requests) = try await withServer { peer in
            peer.readHead()
            peer.answer()
            peer.readHead()
            _ = framing.read(from: peer)
        } _: { loop, server in
            let client = try Client(loop, server)
            _ = await client.ask()
            let outcome = await client.ask(method, "/second", body: framing.body)
            return (outcome, server.requests.map(\.line))
        }
        #expect(outcome == Outcome(failure: .unanswered))
        #expect(requests == ["GET / HTTP/1.1", "\(method) /second HTTP/1.1"])
    }

    @Test("a used connection that ends without an answer is told as such however often that happens")
    func noRepetitionEver() async throws {
        let failures = try await withServer { peer in
            peer.readHead()
            peer.answer()
            peer.readHead()
        } _: { loop, server in
            let client = try Client(loop, server)
            var failures: [TransferFailure.Kind?] = []
            for _ in 1...8 {
                _ = await client.ask()
                failures.append(await client.ask("POST", body: .empty).failure)
            }
            return failures
        }
        #expect(failures == Array(repeating: .unanswered, count: 8))
    }

    @Test("a request that needs a fresh connection passes over one that is kept")
    func freshConnection() async throws {
        let connections = try await withServer { peer in
            while peer.readHead() != nil { peer.answer() }
        } _: { loop, server in
            let client = try Client(loop, server)
            _ = await client.ask()
            client.sink.reset(window: 64, keep: 0)
            var request = Transfer.Request(method: "GET", headers: HeaderLines(), sink: client.sink)
            request.isFresh = true
            client.transfer.start(request)
            _ = await client.end()
            return server.connections
        }
        #expect(connections == 2)
    }

    @Test("a new connection that ends without an answer is a broken one")
    func firstUse() async throws {
        let ended = try await withServer { peer in
            _ = peer.readHead()
        } _: { loop, server in
            let client = try Client(loop, server)
            return (await client.ask("POST", body: .empty).failure, client.transfer.wasIssued, server.requests.count)
        }
        #expect(ended == (.broken, true, 1))
    }

    @Test("where nothing listens, the exchange fails to connect and nothing was issued")
    func refused() async throws {
        let server = ScriptedServer { _ in }
        server.stop()
        let ended = try await onLoop { loop in
            let client = try Client(loop, .direct(server.url))
            return (await client.ask(), client.transfer.wasIssued, client.transfer.sentAt)
        }
        #expect(ended == (Outcome(failure: .connect), false, nil))
    }

    @Test("a connect that takes too long is a timeout")
    func connectTimeout() async throws {
        // The system answers no SYN where the backlog is full.
        let failure = try await onLoop { loop in
            let full = FullBacklog()
            defer { full.close() }
            var endpoint = Endpoint.direct(full.url)
            endpoint.connectTimeout = .milliseconds(150)
            return await (try Client(loop, endpoint)).ask().failure
        }
        #expect(failure == .timeout)
    }

    @Test("a peer that speaks no TLS fails the handshake")
    func noTLS() async throws {
        let failure = try await withServer { peer in
            peer.read(1)
            peer.send("HTTP/1.1 400 Bad Request\r\n\r\n")
        } _: { loop, server in
            let url = server.url.replacing("http://", with: "https://")
            return await (try Client(loop, .direct(url))).ask().failure
        }
        #expect(failure == .tls)
    }

    @Test(
        "a proxy that cannot be reached, and a scheme that is none",
        arguments: [
            ("socks5://127.0.0.1:1", "http://127.0.0.1:2/", TransferFailure.Kind.connect),
            ("", "ftp://127.0.0.1/", .malformed),
        ])
    func oddEndpoint(proxy: String, url: String, failure: TransferFailure.Kind) async throws {
        let ended = try await onLoop { loop in
            var endpoint = Endpoint(url: url)
            endpoint.proxy = proxy
            return await (try Client(loop, endpoint)).ask().failure
        }
        #expect(ended == failure)
    }

    @Test("an http proxy gets the whole URL")
    func httpProxy() async throws {
        let heads = try await withServer { peer in
            peer.readHead()
            peer.answer()
        } _: { loop, server in
            var endpoint = Endpoint(url: "http://relay.invalid/x")
            endpoint.proxy = server.url
            let client = try Client(loop, endpoint)
            client.transfer.start(.init(method: "POST", headers: HeaderLines(), body: .empty))
            _ = await client.end()
            return server.requests.map(\.line)
        }
        #expect(heads == ["POST http://relay.invalid/x HTTP/1.1"])
    }

    @Test("a proxy that refuses is told from one that is gone")
    func refusingProxy() async throws {
        let proxy = ScriptedServer { peer in
            peer.readHead()
            peer.answer("407 Proxy Authentication Required")
        }
        defer { proxy.stop() }
        let failures = try await onLoop { loop in
            var endpoint = Endpoint(url: "https://relay.invalid/")
            endpoint.proxy = proxy.url
            let client = try Client(loop, endpoint)
            let refused = await client.ask().failure
            proxy.stop()
            return [refused, await client.ask().failure]
        }
        #expect(failures == [.proxy, .connect])
        #expect(proxy.requests.map(\.line) == ["CONNECT relay.invalid:443 HTTP/1.1"])
    }

    @Test("a unix socket is a server like any other")
    func unixSocket() async throws {
        let path = "/tmp/fpw-transport-\(getpid()).sock"
        unlink(path)
        let server = ScriptedServer(unixPath: path) { peer in
            peer.readHead()
            peer.answer("200 OK", "unix")
        }
        defer {
            server.stop()
            unlink(path)
        }
        let (body, heads) = try await onLoop { loop in
            var endpoint = Endpoint.direct("http://localhost/")
            endpoint.unixSocket = path
            return (await (try Client(loop, endpoint)).ask("GET", "/a").body, server.requests)
        }
        #expect(body == "unix")
        #expect(heads == [RequestHead(line: "GET /a HTTP/1.1", fields: ["Host: localhost"])])
    }

    @Test("cancelling closes an unfinished exchange's connection and wakes nobody")
    func cancel() async throws {
        let closed = Gate()
        let ended = try await withServer { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok")
            peer.readToEnd()
            closed.open()
        } _: { loop, server in
            let client = try Client(loop, server)
            client.start()
            await client.wait("the body's first bytes") { client.sink.written == 2 }
            client.transfer.cancel()
            let noticed = await client.waiter.wait(until: .now + .milliseconds(1)) { client.transfer.failure != nil }
            return (client.transfer.isRunning, noticed, client.sink.isFinished, client.sink.hasFailed)
        }
        #expect(ended == (false, false, false, false))
        #expect(await closed.passed())
    }

    @Test("a transfer that goes away takes its connection with it, whatever it was doing", arguments: 0..<4)
    func destruction(stage: Int) async throws {
        let closed = Gate()
        try await withServer { peer in
            if stage > 0 { peer.readHead() }
            if stage > 1 { peer.send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n") }
            if stage > 2 { peer.send("ok") }
            peer.readToEnd()
            closed.open()
        } _: { loop, server in
            let client = try Client(loop, server)
            let endless = Body()
            endless.reset(window: 1000, keep: 0)
            client.start("POST", body: .stream(endless, length: 200))
            // A server that is stopped accepts no connection that still waits for it.
            while !client.transfer.wasIssued || server.connections == 0 { await client.turn(loop) }
            await client.wait("the script") {
                client.transfer.hasHead == (stage > 1) && client.sink.written == (stage > 2 ? 2 : 0)
            }
        }
        #expect(await closed.passed())
    }
}

/// A listener whose backlog is full: the system drops what would connect next.
private struct FullBacklog {
    let url: String
    private let listener: Int32
    private var fillers: [Int32] = []

    init() {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        SocketAddress.loopback(port: 0).with { _ = bind(listener, $0, $1) }
        listen(listener, 0)
        let port = SocketAddress.port(of: listener)
        self.listener = listener
        url = "http://127.0.0.1:\(port)"
        for _ in 0..<4 {
            let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            SocketAddress.loopback(port: port).with { _ = connect(filler, $0, $1) }
            fillers.append(filler)
        }
    }

    func close() {
        for descriptor in fillers + [listener] { Glibc.close(descriptor) }
    }
}
