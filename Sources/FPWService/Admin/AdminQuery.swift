import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// One question to the admin listener of a running program.
struct AdminQuery: Sendable {
    struct Answer: Equatable, Sendable {
        let status: Int
        let body: String
    }

    /// Why there is no answer, in words for the operator.
    struct Failure: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    /// No status is as long as that: something else listens there.
    private static let bodyLimit = 16 << 20

    private let address: ServerAddress
    private let limit: Duration

    /// - Parameter limit: the time for connection and answer together.
    init(_ address: ServerAddress, limit: Duration = .seconds(5)) {
        self.address = address.reachable
        self.limit = limit
    }

    /// - Parameter accept: the wanted media type.
    func get(_ path: String, accept: String) async throws(Failure) -> Answer {
        do {
            return try await inTime { try await ask(path, accept) }
        } catch let failure as Failure {
            throw failure
        } catch let error as IOError {
            throw Failure(description: String(cString: strerror(error.errnoCode)))
        } catch {
            throw Failure(description: "\(error)")
        }
    }

    private func inTime(_ body: @escaping @Sendable () async throws -> Answer) async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer?.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await body() }
            group.addTask { [limit] in
                try await Task.sleep(for: limit)
                return nil
            }
            guard let answer = try await group.next() ?? nil else {
                throw Failure(description: "no answer within \(limit)")
            }
            return answer
        }
    }

    private func ask(_ path: String, _ accept: String) async throws -> Answer {
        let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(TimeAmount(limit))
            .connect(to: address.socketAddress()) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        let fields: HTTPHeaders = ["host": address.hostField, "accept": accept, "connection": "close"]
        return try await connection.executeThenClose { inbound, outbound in
            let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: fields)
            try await outbound.write(contentsOf: [.head(head), .end(nil)])
            return try await Self.answer(from: inbound)
        }
    }

    private static func answer(from parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>) async throws -> Answer
    {
        var status = 0
        var body = ByteBuffer()
        for try await part in parts {
            switch part {
            case .head(let head): status = Int(head.status.code)
            case .body(let bytes): body.writeImmutableBuffer(bytes)
            case .end: return Answer(status: status, body: String(buffer: body))
            }
            guard body.readableBytes <= bodyLimit else { break }
        }
        throw Failure(description: "its answer is not whole")
    }
}

extension ServerAddress {
    /// A listener on every address is asked on loopback.
    fileprivate var reachable: ServerAddress {
        switch self {
        case .tcp("::", let port): .tcp(host: "::1", port: port)
        case .tcp("0.0.0.0", let port): .tcp(host: "127.0.0.1", port: port)
        case .tcp, .unix: self
        }
    }

    /// What names it in a request.
    fileprivate var hostField: String {
        switch self {
        case .tcp: description
        case .unix: "localhost"
        }
    }

    /// May ask the resolver, and wait for it, where the host is a name.
    fileprivate func socketAddress() throws -> SocketAddress {
        switch self {
        case .tcp(let host, let port): try SocketAddress.makeAddressResolvingHost(host, port: port)
        case .unix(let path): try SocketAddress(unixDomainSocketPath: path)
        }
    }
}
