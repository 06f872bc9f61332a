import FPWConfig
import NIOCore
import NIOPosix

/// One question to the admin listener of a running relay.
struct AdminQuery {
    struct Answer {
        let status: Int
        let body: String
    }

    let address: ListenAddress

    /// Asks for a path.
    /// - Throws: where nobody listens, or the answer is not HTTP.
    func get(_ path: String) async throws -> Answer {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(.seconds(5))
        let channel = try await connect(bootstrap)
        let text = channel.eventLoop.makePromise(of: String.self)
        try await channel.eventLoop.submit { try channel.pipeline.syncOperations.addHandler(Collector(text)) }.get()
        let request = "GET \(path) HTTP/1.1\r\nhost: fpw-relay\r\nconnection: close\r\n\r\n"
        channel.writeAndFlush(ByteBuffer(string: request), promise: nil)
        guard let answer = Answer(try await text.futureResult.get()) else {
            throw ChannelError.inappropriateOperationForState
        }
        return answer
    }

    private func connect(_ bootstrap: ClientBootstrap) async throws -> any Channel {
        switch address {
        case .tcp(let host, let port): try await bootstrap.connect(host: host, port: port).get()
        case .unix(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
        }
    }
}

extension AdminQuery.Answer {
    /// Takes an answer apart that ended with its connection.
    init?(_ text: String) {
        guard let headEnd = text.firstRange(of: "\r\n\r\n"),
            let status = text.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        self.status = status
        body = String(text[headEnd.upperBound...])
    }
}

/// Gathers what comes until the connection ends.
private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let text: EventLoopPromise<String>
    private var bytes = ByteBuffer()

    init(_ text: EventLoopPromise<String>) { self.text = text }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes.writeImmutableBuffer(unwrapInboundIn(data))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        text.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        text.succeed(String(buffer: bytes))
    }
}
