import FPWTransport
import TestSupport
import Testing

@Suite("How an answer is read")
struct AnswerTests {
    /// What a server says to a GET and then closes, and what comes of it.
    struct Row: Sendable, CustomTestStringConvertible {
        let what: String
        let said: String
        let outcome: Outcome

        init(_ what: String, _ said: String, _ outcome: Outcome) {
            self.what = what
            self.said = said
            self.outcome = outcome
        }

        var testDescription: String { what }
    }

    private func outcome(of said: String, to method: String = "GET") async throws -> Outcome {
        try await withServer { peer in
            peer.readHead()
            peer.send(said)
        } _: { loop, server in
            try await Client(loop, server).ask(method)
        }
    }

    @Test(
        "a sound answer arrives with its fields in order and its body",
        arguments: [
            Row(
                "content-length", "HTTP/1.1 200 OK\r\nB: 2\r\na: 1\r\nb: 3\r\nContent-Length: 2\r\n\r\nok",
                Outcome(status: 200, fields: ["B: 2", "a: 1", "b: 3", "Content-Length: 2"], body: "ok")),
            Row(
                "chunked",
                "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\n\r\n",
                Outcome(status: 201, fields: ["transfer-encoding: chunked"], body: "ok")),
            Row("to the connection's end", "HTTP/1.0 200 OK\r\n\r\nok", Outcome(status: 200, body: "ok")),
            Row(
                "no reason phrase", "HTTP/1.1 404\r\ncontent-length: 0\r\n\r\n",
                Outcome(status: 404, fields: ["content-length: 0"])),
            Row(
                "a space too many", "HTTP/1.1  404 x\r\ncontent-length: 0\r\n\r\n",
                Outcome(status: 404, fields: ["content-length: 0"])),
            Row(
                "a status of its own", "HTTP/1.1 599 x\r\ncontent-length: 0\r\n\r\n",
                Outcome(status: 599, fields: ["content-length: 0"])),
            Row(
                "blanks around a value", "HTTP/1.1 204 x\r\na: \t 1 2 \t\r\nb:\r\nc:3\r\n\r\n",
                Outcome(status: 204, fields: ["a: 1 2", "b: ", "c: 3"])),
            Row(
                "interim answers",
                "HTTP/1.1 100 Continue\r\nx: 1\r\n\r\nHTTP/1.1 103 Early\r\nlink: y\r\n\r\nHTTP/1.1 204 x\r\nz: 2\r\n\r\n",
                Outcome(status: 204, fields: ["z: 2"])),
            Row(
                "a field that looks like a status line", "HTTP/1.1 204 x\r\na: 1\r\nHTTP/1.1 500 y: 2\r\n\r\n",
                Outcome(status: 204, fields: ["a: 1", "HTTP/1.1 500 y: 2"])),
            Row(
                "trailers",
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nset-cookie: a\r\n\r\n",
                Outcome(status: 200, fields: ["transfer-encoding: chunked"], body: "ok")),
            Row(
                "a redirect, which is not followed",
                "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
                Outcome(status: 302, fields: ["location: http://127.0.0.1:1/", "content-length: 0"])),
            Row(
                "a coding, which is not undone",
                "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nzzzz",
                Outcome(status: 200, fields: ["content-encoding: gzip", "content-length: 4"], body: "zzzz")),
            Row(
                "304 with a length and no body", "HTTP/1.1 304 x\r\ncontent-length: 9\r\n\r\n",
                Outcome(status: 304, fields: ["content-length: 9"])),
            Row(
                "more than was announced", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokok",
                Outcome(status: 200, fields: ["content-length: 2"], body: "ok")),
        ])
    func sound(_ row: Row) async throws {
        #expect(try await outcome(of: row.said) == row.outcome)
    }

    @Test(
        "an answer that is no sound HTTP is a failure",
        arguments: [
            Row("not HTTP", "SSH-2.0-OpenSSH_9.2\r\n", Outcome(failure: .malformed)),
            Row("a folded field", "HTTP/1.1 200 OK\r\na: 1\r\n b\r\n\r\n", Outcome(failure: .malformed)),
            Row("a folded field by tab", "HTTP/1.1 200 OK\r\na: 1\r\n\tb\r\n\r\n", Outcome(failure: .malformed)),
            Row("a line without a colon", "HTTP/1.1 200 OK\r\nabc\r\n\r\n", Outcome(failure: .malformed)),
            Row("a line without a name", "HTTP/1.1 200 OK\r\n: abc\r\n\r\n", Outcome(failure: .malformed)),
            Row("NUL in a value", "HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n", Outcome(failure: .malformed)),
            Row(
                "101 without being asked", "HTTP/1.1 101 x\r\nupgrade: y\r\nconnection: upgrade\r\n\r\n",
                Outcome(failure: .malformed)),
            Row("a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", Outcome(failure: .malformed)),
            Row("a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", Outcome(failure: .malformed)),
            Row("a status below 100", "HTTP/1.1 099 OK\r\n\r\n", Outcome(failure: .malformed)),
            Row("a status behind a vertical tab", "HTTP/1.1 \u{b}204 x\r\n\r\n", Outcome(failure: .malformed)),
            Row("a status behind a tab", "HTTP/1.1\t204 204 x\r\n\r\n", Outcome(failure: .malformed)),
            Row("a folded first field", "HTTP/1.1 200 OK\r\n a: 1\r\n\r\n", Outcome(failure: .malformed)),
            Row(
                "a field above libcurl's limit",
                "HTTP/1.1 200 OK\r\na: \(String(repeating: "x", count: 200_000))\r\n\r\n",
                Outcome(failure: .malformed)),
            Row("no answer at all", "", Outcome(failure: .broken)),
            Row("an interim answer alone", "HTTP/1.1 100 Continue\r\n\r\n", Outcome(failure: .broken)),
            Row("half a head", "HTTP/1.1 200 OK\r\na: 1\r\n", Outcome(failure: .broken)),
        ])
    func unsound(_ row: Row) async throws {
        #expect(try await outcome(of: row.said).failure == row.outcome.failure)
    }

    @Test(
        "a head that begins with a folded field is none, and is joined to no field of the answer before",
        arguments: 1...8)
    func foldedFirst(count: Int) async throws {
        let failures = try await withServer { peer in
            for number in 1...count {
                peer.readHead()
                peer.send("HTTP/1.1 200 OK\r\nnumber: \(number)\r\ncontent-length: 0\r\n\r\n")
            }
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\n folded: \(String(repeating: "x", count: 500))\r\ncontent-length: 0\r\n\r\n")
        } _: { loop, server in
            let client = try Client(loop, server)
            var failures: [TransferFailure.Kind?] = []
            for _ in 0...count { failures.append(await client.ask().failure) }
            return failures
        }
        #expect(failures == Array(repeating: nil, count: count) + [.malformed])
    }

    @Test(
        "an answer that ends before it is whole is a failure, with what came of it",
        arguments: [
            Row(
                "content-length", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok",
                Outcome(status: 200, fields: ["content-length: 3"], body: "ok", failure: .broken)),
            Row(
                "no byte of it", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n",
                Outcome(status: 200, fields: ["content-length: 3"], failure: .broken)),
            Row(
                "no last chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n",
                Outcome(status: 200, fields: ["transfer-encoding: chunked"], body: "ok", failure: .broken)),
            Row(
                "half a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nok",
                Outcome(status: 200, fields: ["transfer-encoding: chunked"], body: "ok", failure: .broken)),
            Row(
                "a chunk size that is none", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\nxyz\r\n",
                Outcome(status: 200, fields: ["transfer-encoding: chunked"], body: "ok", failure: .broken)),
        ])
    func truncated(_ row: Row) async throws {
        let (outcome, sinkFailed) = try await withServer { peer in
            peer.readHead()
            peer.send(row.said)
        } _: { loop, server in
            let client = try Client(loop, server)
            return (await client.ask(), client.sink.hasFailed)
        }
        #expect(outcome == row.outcome)
        #expect(sinkFailed)
    }

    @Test(
        "answers without a body end with their head",
        arguments: [
            ("HEAD", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"),
            ("HEAD", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"),
            ("GET", "HTTP/1.1 204 x\r\n\r\n"), ("GET", "HTTP/1.1 304 x\r\ncontent-length: 5\r\n\r\n"),
            ("POST", "HTTP/1.1 204 x\r\n\r\n"), ("GET", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
        ])
    func bodyless(method: String, said: String) async throws {
        let finished = try await withServer { peer in
            peer.readHead()
            peer.send(said)
            peer.readToEnd()
        } _: { loop, server in
            let client = try Client(loop, server)
            let outcome = await client.ask(method, body: method == "POST" ? .empty : .none)
            return (outcome.failure, client.sink.isFinished, client.sink.written)
        }
        #expect(finished == (nil, true, 0))
    }

    @Test(
        "the announced length is the number in the only Content-Length",
        arguments: [
            ("content-length: 2", 2), ("Content-Length:002", 2), ("x: 1", nil), ("transfer-encoding: chunked", nil),
            ("content-length: 2\r\ncontent-length: 2", nil),
        ])
    func contentLength(fields: String, length: Int?) async throws {
        let announced = try await withServer { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\n\(fields)\r\n\r\n")
            peer.readToEnd()
        } _: { loop, server in
            let client = try Client(loop, server)
            client.start()
            await client.wait("the head") { client.transfer.hasHead }
            return client.transfer.contentLength
        }
        #expect(announced == length)
    }

    @Test("a body over its limit breaks the exchange off", arguments: [(4, nil), (3, TransferFailure.Kind.sink)])
    func limit(_ limit: Int, failure: TransferFailure.Kind?) async throws {
        let ended = try await withServer { peer in
            peer.readHead()
            peer.answer("200 OK", "1234")
        } _: { loop, server in
            let client = try Client(loop, server)
            let outcome = await client.ask(limit: limit)
            return (outcome.failure, client.sink.exceededLimit, client.sink.isFinished)
        }
        #expect(ended == (failure, failure != nil, failure == nil))
    }
}
