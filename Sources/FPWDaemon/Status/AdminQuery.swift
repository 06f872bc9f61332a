import FPWConfig
import FPWTransport

/// One question to the admin listener of a running daemon.
struct AdminQuery {
    struct Answer: Equatable {
        let status: Int
        let body: String
    }

    private static let limit = Duration.seconds(5)
    private static let bodyLimit = 16 << 20

    private let endpoint: Endpoint

    /// A listener on every address is asked on loopback.
    init(_ address: ListenAddress, path: String) {
        switch address {
        case .tcp(let host, let port):
            let host = ["::": "::1", "0.0.0.0": "127.0.0.1"][host] ?? host
            endpoint = Self.endpoint("http://\(ListenAddress.tcp(host: host, port: port))\(path)", socket: nil)
        case .unix(let socket):
            endpoint = Self.endpoint("http://localhost\(path)", socket: socket)
        }
    }

    private static func endpoint(_ url: String, socket: String?) -> Endpoint {
        var endpoint = Endpoint(url: url)
        endpoint.unixSocket = socket
        endpoint.proxy = ""
        return endpoint
    }

    /// - Parameter accept: the wanted media type.
    /// - Throws: `TransferFailure` where nobody answers.
    func get(accept: String) async throws -> Answer {
        guard Curl.initialize() else { throw TransferFailure(.resources, detail: "libcurl cannot start") }
        let loop = try EventLoop()
        defer { loop.shutdown() }
        return try await withTaskExecutorPreference(loop) { try await ask(on: loop, accept: accept) }
    }

    private func ask(on loop: EventLoop, accept: String) async throws -> Answer {
        let waiter = Waiter(loop: loop)
        let transfer = try Transfer(loop: loop, endpoint: endpoint, waiter: waiter)
        let body = Body()
        body.reset(window: Self.bodyLimit, keep: 0, limit: Self.bodyLimit)
        var lines = HeaderLines()
        lines.append("accept", accept)
        transfer.start(.init(method: "GET", headers: lines, sink: body))
        guard await waiter.wait(until: .now + Self.limit, for: { !transfer.isRunning }) else {
            throw TransferFailure(.timeout, detail: "no answer within \(Self.limit.inWords)")
        }
        if let failure = transfer.failure { throw failure }
        return Answer(status: transfer.status, body: String(decoding: body.read(body.written), as: UTF8.self))
    }
}
