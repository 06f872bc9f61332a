import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// A response on its way to the client who asked for it.
struct AdminAnswer {
    typealias Outbound = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    private let request: HTTPRequestHead
    private let response: AdminResponse

    init(to request: HTTPRequestHead, _ response: AdminResponse) {
        self.request = request
        self.response = response
    }

    func send(_ outbound: Outbound, keepAlive: Bool) async throws {
        let head = HTTPServerResponsePart.head(head(keepAlive: keepAlive))
        switch response.body {
        case _ where request.method == .HEAD:
            try await outbound.write(contentsOf: [head, .end(nil)])
        case .bytes(let bytes):
            try await outbound.write(contentsOf: [head, .body(.byteBuffer(ByteBuffer(bytes: bytes))), .end(nil)])
        case .stream(let write):
            try await outbound.write(head)
            try await cancelWhenGracefulShutdown { try await write(AdminStream(outbound: outbound)) }
            try await outbound.write(.end(nil))
        }
    }

    private func head(keepAlive: Bool) -> HTTPResponseHead {
        var headers = response.headers
        switch response.body {
        case .bytes(let bytes): headers.replaceOrAdd(name: "content-length", value: String(bytes.count))
        case .stream where request.version == .http1_1 && request.method != .HEAD:
            headers.replaceOrAdd(name: "transfer-encoding", value: "chunked")
        case .stream: break
        }
        headers.replaceOrAdd(name: "connection", value: keepAlive ? "keep-alive" : "close")
        return HTTPResponseHead(
            version: request.version, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
    }
}

/// Where a route writes a body that grows while the client reads.
package struct AdminStream: Sendable {
    let outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    /// Sends a piece; returns when the client has room for more, throws when it has left.
    package func write(_ text: String) async throws {
        try await outbound.write(.body(.byteBuffer(ByteBuffer(string: text))))
    }
}
