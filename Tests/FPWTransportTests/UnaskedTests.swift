import FPWTransport
import Glibc
import TestSupport
import Testing

@Suite("What is said unasked")
struct UnaskedTests {
    enum When: CaseIterable { case withTheAnswer, afterIt }

    @Test(
        "what a server says on an idle connection is no answer to the next request, which goes out on another",
        arguments: [
            "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison", "HTTP/1.1 408 Request Timeout\r\n", "x",
        ], When.allCases)
    func tcp(said: String, moment: When) async throws {
        try await expectOwnAnswers(server: Liar(says: said, moment)) { .direct($0.url) }
    }

    @Test("the same on a unix socket, where nothing waits for a connection", arguments: When.allCases)
    func unix(moment: When) async throws {
        let path = "/tmp/fpw-unasked-\(getpid())-\(moment).sock"
        defer { unlink(path) }
        try await expectOwnAnswers(server: Liar(at: path, says: "HTTP/1.1 200 OK\r\n\r\n", moment)) { server in
            var endpoint = Endpoint.direct(server.url)
            endpoint.unixSocket = path
            return endpoint
        }
    }

    private func expectOwnAnswers(
        server liar: Liar, at endpoint: @escaping @Sendable (ScriptedServer) -> Endpoint
    ) async throws {
        defer { liar.server.stop() }
        let exchanges = 20
        let outcomes = try await onLoop { loop in
            let client = try Client(loop, endpoint(liar.server))
            var outcomes: [Outcome] = []
            for _ in 1...exchanges {
                outcomes.append(await client.ask("POST", body: .empty))
                liar.hasEnded.open()
                #expect(await liar.hasSpoken.passed())
            }
            return outcomes
        }
        #expect(outcomes.map(\.failure) == Array(repeating: nil, count: exchanges))
        #expect(outcomes.map(\.body) == (1...exchanges).map(String.init))
    }
}

/// Answers with the number of the connection, and says something more where nobody asked.
private struct Liar {
    let server: ScriptedServer
    let hasEnded = Gate()
    let hasSpoken = Gate()

    init(at path: String? = nil, says said: String, _ moment: UnaskedTests.When) {
        server = ScriptedServer(unixPath: path) { [hasEnded, hasSpoken] peer in
            while peer.readHead() != nil {
                peer.answer("200 OK", "\(peer.number)")
                if moment == .afterIt { hasEnded.pass() }
                peer.send(said)
                hasSpoken.open()
            }
        }
    }
}
