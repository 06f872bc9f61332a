import FPWTransport
import TestSupport
import Testing

@Suite("Back-pressure")
struct BackPressureTests {
    /// What libcurl hands over at once, at the most: its receive buffer.
    private static let chunk = 64 << 10

    @Test(
        "a slow reader pauses the sender: never more than the window and one piece wait",
        arguments: [1, 32 << 10, 256 << 10])
    func download(window: Int) async throws {
        let sent = pattern(2 << 20)
        let (got, most) = try await withServer { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: \(sent.count)\r\n\r\n")
            peer.send(sent)
        } _: { loop, server in
            let client = try Client(loop, server)
            client.start(window: window)
            var got: [UInt8] = []
            var most = 0
            while got.count < sent.count, !client.sink.hasFailed {
                await client.turn(loop)
                most = max(most, client.sink.written - got.count)
                got += client.sink.read(24 << 10)
            }
            return (got, most)
        }
        #expect(got == sent)
        #expect(most <= window + Self.chunk)
    }

    @Test(
        "from one exchange to another a body keeps to its window, however slow the receiver",
        arguments: [nil, 4 << 20])
    func passing(length: Int?) async throws {
        let sent = pattern(4 << 20)
        let window = 64 << 10
        let origin = ScriptedServer { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: \(sent.count)\r\n\r\n")
            peer.send(sent)
        }
        defer { origin.stop() }
        let (outcome, most) = try await withServer { peer in
            peer.readHead()
            peer.answer("200 OK", "\((length == nil ? peer.readChunks() : peer.read(sent.count)) == sent)")
        } _: { loop, server in
            let download = try Client(loop, origin)
            let upload = try Client(loop, server)
            download.start(window: window)
            upload.start("POST", body: .stream(download.sink, length: length))
            var most = 0
            while upload.transfer.isRunning {
                most = max(most, download.sink.written - download.sink.consumed)
                await upload.turn(loop)
            }
            return (await upload.end(), most)
        }
        #expect(outcome.body == "true")
        #expect(most <= window + Self.chunk)
    }

    @Test("a connection that is reset while nobody reads ends its exchange, and the one that the body goes to")
    func reset() async throws {
        let haveEnded = Gate()
        let origin = ScriptedServer { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: \(64 << 20)\r\n\r\n")
            peer.sendUntilStuck([UInt8](repeating: 0, count: 64 << 20))
            peer.resetAtEnd()
        }
        defer { origin.stop() }
        let failures = try await withServer { peer in
            peer.readHead()
            haveEnded.pass()
        } _: { loop, server in
            var endpoint = Endpoint.direct(origin.url)
            endpoint.detectsDeadPeer = true
            let download = try Client(loop, endpoint)
            let upload = try Client(loop, server)
            download.start(window: 64 << 10)
            upload.start("POST", body: .stream(download.sink, length: 64 << 20))
            defer { haveEnded.open() }
            return (await download.end().failure, await upload.end().failure)
        }
        #expect(failures == (.broken, .source))
    }

    @Test(
        "an answer that has come whole outlives its connection, however late it is read",
        arguments: [40 << 10, 92 << 10])
    func resetWhenWhole(size: Int) async throws {
        let sent = pattern(size)
        let wasTaken = Box(false)
        let outcome = try await withServer { peer in
            peer.readHead()
            peer.answer("200 OK", sent)
            wasTaken.value = peer.isAcknowledged()
            peer.resetAtEnd()
        } _: { loop, server in
            var endpoint = Endpoint.direct(server.url)
            endpoint.detectsDeadPeer = true
            let client = try Client(loop, endpoint)
            client.start(window: 1000)
            await client.wait("the window to fill") { client.sink.written >= 1000 }
            while server.isServing { await client.turn(loop) }
            for _ in 0..<3 { await client.turn(loop) }
            var got: [UInt8] = []
            while got.count < sent.count, !client.sink.hasFailed {
                got += client.sink.read(size)
                await client.turn(loop)
            }
            return (got.count, got == sent)
        }
        #expect(wasTaken.value)
        #expect(outcome == (size, true))
    }

    @Test("a paused sender goes on where another exchange on its loop has not stopped")
    func independence() async throws {
        let sent = pattern(1 << 20)
        let bodies = try await withServer { peer in
            while let head = peer.readHead() {
                let isLong = head.line.contains("/long")
                peer.send("HTTP/1.1 200 OK\r\ncontent-length: \(isLong ? sent.count : 2)\r\n\r\n")
                peer.send(isLong ? sent : [1, 2])
            }
        } _: { loop, server in
            let paused = try Client(loop, server)
            let quick = try Client(loop, server)
            paused.start("GET", "/long", window: 1000)
            await paused.wait("the window to fill") { paused.sink.written >= 1000 }
            let written = paused.sink.written
            for _ in 0..<3 { _ = await quick.ask() }
            let stoodStill = paused.sink.written == written
            var got: [UInt8] = []
            while got.count < sent.count, !paused.sink.hasFailed {
                got += paused.sink.read(1 << 20)
                await paused.turn(loop)
            }
            return (stoodStill, got == sent)
        }
        #expect(bodies == (true, true))
    }
}

extension Client {
    /// Lets the loop turn once, with all that this does to its transfers.
    func turn(_ loop: EventLoop) async {
        let gate = LoopGate(waiter)
        loop.execute { gate.waiter.fire() }
        await waiter.sleep(until: .now + .seconds(60))
    }
}

/// Carries a waiter into work that runs on its own loop.
private struct LoopGate: @unchecked Sendable {
    let waiter: Waiter

    init(_ waiter: Waiter) { self.waiter = waiter }
}
