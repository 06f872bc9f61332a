@testable import FPWService
import Testing

@Suite struct AdminQueryTests {
    @Test(
        "an answer comes with its status and its body",
        arguments: [
            ("/?a", AdminQuery.Answer(status: 200, body: "get / a\n")),
            ("/failing", AdminQuery.Answer(status: 503, body: "not ready\n")),
            ("/stream", AdminQuery.Answer(status: 200, body: "onetwo")),
        ])
    func answered(path: String, answer: AdminQuery.Answer) async throws {
        try await AdminListenerTests.serving { address, _ in
            let received = try await AdminQuery(address, limit: .seconds(60)).get(path, accept: "text/plain")
            #expect(received == answer)
        }
    }

    @Test("it asks at a unix socket too")
    func unix() async throws {
        let path = "/tmp/fpw-query-\(UInt32.random(in: 0...UInt32.max))"
        try await AdminListenerTests.serving(.unix(path: path)) { address, _ in
            let received = try await AdminQuery(address, limit: .seconds(60)).get("/", accept: "text/plain")
            #expect(received == AdminQuery.Answer(status: 200, body: "get / -\n"))
        }
    }

    @Test("a listener on every address is asked on loopback")
    func everyAddress() async throws {
        try await AdminListenerTests.serving(.tcp(host: "0.0.0.0", port: 0)) { address, _ in
            let received = try await AdminQuery(address, limit: .seconds(60)).get("/failing", accept: "text/plain")
            #expect(received.status == 503)
        }
    }

    @Test("where nobody listens it says so")
    func refused() async throws {
        let free = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0), key: "listen").address
        await #expect(throws: AdminQuery.Failure(description: "Connection refused")) {
            try await AdminQuery(free).get("/", accept: "text/plain")
        }
        await #expect(throws: AdminQuery.Failure(description: "No such file or directory")) {
            try await AdminQuery(.unix(path: "/tmp/fpw-nobody-is-here")).get("/", accept: "text/plain")
        }
    }

    @Test("a listener that does not answer is given up")
    func silent() async throws {
        let silent = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0), key: "listen")
        await #expect(throws: AdminQuery.Failure(description: "no answer within 0.02 seconds")) {
            try await AdminQuery(silent.address, limit: .milliseconds(20)).get("/", accept: "text/plain")
        }
    }
}
