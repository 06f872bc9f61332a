import FPWTransport
import TestSupport
import Testing

@Suite("Request bodies")
struct UploadTests {
    @Test("a body passes on as it comes", arguments: [nil, 3])
    func streams(length: Int?) async throws {
        let arrived = Gate()
        let origin = ScriptedServer { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n")
            for piece in ["a", "b", "c"] {
                peer.send(piece)
                guard arrived.pass() else { return }
            }
        }
        defer { origin.stop() }
        let outcome = try await withServer { peer in
            let isChunked = peer.readHead()?.fields.contains("Transfer-Encoding: chunked") == true
            for piece in ["a", "b", "c"] {
                guard peer.read(isChunked ? 6 : 1) == Array((isChunked ? "1\r\n\(piece)\r\n" : piece).utf8) else {
                    return
                }
                arrived.open()
            }
            if isChunked { peer.read(5) }
            peer.answer("200 OK", "in three pieces")
        } _: { loop, server in
            let download = try Client(loop, origin)
            let upload = try Client(loop, server)
            download.start()
            return await upload.ask("POST", body: .stream(download.sink, length: length))
        }
        #expect(outcome.body == "in three pieces")
    }

    @Test("a source that breaks off breaks the request off", arguments: [nil, 9])
    func brokenSource(length: Int?) async throws {
        let origin = ScriptedServer { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")
        }
        defer { origin.stop() }
        let wholeBody = Gate()
        let failure = try await withServer { peer in
            peer.readHead()
            let isWhole = length.map { peer.read($0).count == $0 } ?? (peer.readChunks() != nil)
            if isWhole { peer.answer() }
            wholeBody.open()
        } _: { loop, server in
            let download = try Client(loop, origin)
            let upload = try Client(loop, server)
            download.start()
            return await upload.ask("POST", body: .stream(download.sink, length: length)).failure
        }
        #expect(failure == .source)
        #expect(await wholeBody.passed())
    }

    @Test("a source that ends before its announced length is a failure")
    func shortSource() async throws {
        let failure = try await withServer { peer in
            peer.readHead()
            if peer.read(5).count == 5 { peer.answer() }
        } _: { loop, server in
            try await Client(loop, server).ask("POST", body: .stream(body(of: [1, 2, 3]), length: 5)).failure
        }
        #expect(failure == .source)
    }

    @Test(
        "an early error ends the exchange, whether the rest of the body waits to be sent or has not come",
        arguments: [409, 413, 500], [true, false])
    func earlyError(status: Int, hasCome: Bool) async throws {
        let outcome = try await withServer { peer in
            peer.readHead()
            peer.answer("\(status) x", "no")
            peer.readToEnd()
        } _: { loop, server in
            let source = Body()
            source.reset(window: 1000, keep: 0)
            if hasCome { source.fill(pattern(8 << 20)) }
            return try await Client(loop, server).ask("POST", body: .stream(source, length: nil))
        }
        #expect(outcome == Outcome(status: status, fields: ["content-length: 2"], body: "no"))
    }

    @Test(
        "a body that gets a new use takes nothing of it to the request that still reads it", arguments: [nil, 8 << 20])
    func reuse(length: Int?) async throws {
        let hasEnded = Gate()
        let foreign = Box(-1)
        let outcome = try await withServer { peer in
            peer.readHead()
            peer.answer("200 OK", "ok")
            foreign.value = peer.readToEnd().count { $0 == UInt8(ascii: "B") }
            hasEnded.open()
        } _: { loop, server in
            let source = body(of: Array(repeating: UInt8(ascii: "A"), count: 8 << 20))
            let client = try Client(loop, server)
            client.start("POST", body: .stream(source, length: length))
            await client.wait("the whole answer") { client.sink.isFinished }
            source.reset(window: 1000, keep: 0)
            source.fill(Array(repeating: UInt8(ascii: "B"), count: 8 << 20))
            return await client.end()
        }
        #expect(outcome.body == "ok")
        #expect(await hasEnded.passed())
        #expect(foreign.value == 0)
    }

    @Test(
        "an early answer of known length is whole, though the request still waits for its body", arguments: [200, 409])
    func earlyAnswer(status: Int) async throws {
        let ended = try await withServer { peer in
            peer.readHead()
            peer.answer("\(status) x", "ok")
            peer.readToEnd()
        } _: { loop, server in
            let endless = Body()
            endless.reset(window: 1000, keep: 0)
            let client = try Client(loop, server)
            client.start("POST", body: .stream(endless, length: nil))
            await client.wait("the whole answer") { client.sink.isFinished }
            return (client.transfer.status, client.transfer.sentAt, client.sink.read(2))
        }
        #expect(ended == (status, nil, Array("ok".utf8)))
    }

    @Test("it is known when a peer has not read all of a body that was sent")
    func unread() async throws {
        let read = Gate()
        let isKnown = try await withServer { peer in
            peer.readHead()
            read.pass()
            peer.read(1 << 20)
            peer.answer()
        } _: { loop, server in
            var endpoint = Endpoint.direct(server.url)
            endpoint.detectsDeadPeer = true
            let client = try Client(loop, endpoint)
            client.start("POST", body: .stream(body(of: [UInt8](repeating: 0, count: 1 << 20)), length: 1 << 20))
            await client.wait("the request's end") { client.transfer.sentAt != nil }
            let sent = try #require(client.transfer.sentAt)
            // A look is due five seconds after the first byte.
            let isKnown = await client.waiter.wait(until: sent + .seconds(7)) {
                client.transfer.unreadAt ?? sent > sent
            }
            read.open()
            _ = await client.end()
            return isKnown
        }
        #expect(isKnown)
    }

    @Test("the end of the request's body wakes the task", arguments: RequestTests.Framing.allCases)
    func sent(framing: RequestTests.Framing) async throws {
        let answer = Gate()
        let wasSent = try await withServer { peer in
            peer.readHead()
            _ = framing.read(from: peer)
            answer.pass()
            peer.answer()
        } _: { loop, server in
            let client = try Client(loop, server)
            client.start("POST", body: framing.body)
            await client.wait("the request's end") { client.transfer.sentAt != nil }
            let wasSent = client.transfer.isRunning && !client.transfer.hasHead
            answer.open()
            _ = await client.end()
            return wasSent
        }
        #expect(wasSent)
    }

    @Test("a stream of no bytes is sent whole with its head, whether it has ended or not", arguments: [true, false])
    func emptyStream(hasEnded: Bool) async throws {
        let answer = Gate()
        let (wasSent, heads) = try await withServer { peer in
            peer.readHead()
            answer.pass()
            peer.answer()
        } _: { loop, server in
            let empty = Body()
            empty.reset(window: 1000, keep: 0)
            if hasEnded { empty.fill([]) }
            let client = try Client(loop, server)
            client.start("POST", body: .stream(empty, length: 0))
            await client.wait("the request's end") { client.transfer.sentAt != nil }
            let wasSent = !client.transfer.hasHead
            answer.open()
            _ = await client.end()
            return (wasSent, server.requests)
        }
        #expect(wasSent)
        #expect(heads.first?.fields.contains("Content-Length: 0") == true)
    }

    @Test("a body that leaves with its head is read and counted like any other", arguments: [1, 16_384, 16_385])
    func withHead(count: Int) async throws {
        let bytes = pattern(count)
        let seen = try await withServer { peer in
            peer.readHead()
            peer.answer("200 OK", peer.read(count) == bytes ? "all" : "not all")
            peer.readHead()
            peer.answer("200 OK", peer.read(count) == bytes ? "all" : "not all")
        } _: { loop, server in
            let tally = ByteTally()
            let source = Body(tally: tally)
            source.reset(window: count, keep: count)
            source.fill(bytes)
            let client = try Client(loop, server)
            let first = await client.ask("POST", body: .stream(source, length: count)).body
            let (consumed, total, wasRewound) = (source.consumed, tally.total, source.rewind())
            let second = await client.ask("POST", body: .stream(source, length: count)).body
            return [first, second, "\(wasRewound)"] + [consumed, total, tally.total].map(String.init)
        }
        #expect(seen == ["all", "all", "true"] + Array(repeating: String(count), count: 3))
    }

    @Test("a kept body can be sent again after a broken exchange")
    func again() async throws {
        let bodies = try await withServer { peer in
            peer.readHead()
            let body = String(decoding: peer.read(5), as: UTF8.self)
            if peer.number == 2 { peer.answer("200 OK", body) }
        } _: { loop, server in
            let kept = body(of: Array("hello".utf8), keep: 5)
            let client = try Client(loop, server)
            let first = await client.ask("POST", body: .stream(kept, length: 5)).failure
            return (first, kept.rewind(), await client.ask("POST", body: .stream(kept, length: 5)).body)
        }
        #expect(bodies == (.broken, true, "hello"))
    }
}
