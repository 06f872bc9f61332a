import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// One client's connection to the admin listener: requests are answered one after the other.
///
/// Closed when it is released: a stop may come between accepting it and serving it.
final class AdminConnection: Sendable {
    typealias HTTPChannel = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    private let channel: any Channel
    private let routes: [String: AdminRoute]
    private let bodyBytes: Int
    private let logger: Logger

    /// Sets a new connection up, on its event loop; nothing is read before `serve()`.
    init(_ channel: any Channel, routes: [String: AdminRoute], limits: AdminLimits, logger: Logger) throws {
        self.channel = channel
        self.routes = routes
        bodyBytes = limits.bodyBytes
        self.logger = logger
        // Framing is written by AdminAnswer: the encoder's own would end a HEAD's answer with a chunk.
        var encoding = HTTPResponseEncoder.Configuration()
        encoding.automaticallySetFramingHeaders = false
        var decoding = NIOHTTPDecoderLimitConfiguration()
        decoding.maxHeaderFieldSize = limits.headerBytes
        decoding.maxHeaderListSize = limits.headerBytes
        let pipeline = channel.pipeline.syncOperations
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withEncoderConfiguration: encoding, withDecoderLimitConfiguration: decoding
        )
        try pipeline.addHandler(AdminDeadline(limits))
    }

    deinit { channel.close(promise: nil) }

    /// Serves until the client leaves, breaks a rule, or the process goes down.
    func serve() async {
        do {
            // Not wrapped before: a wrapped channel that is released without having been served ends the process.
            let wrapped = try await channel.eventLoop.submit { [channel] in
                try HTTPChannel(wrappingChannelSynchronously: channel)
            }.get()
            try await wrapped.executeThenClose { inbound, outbound in
                try await channel.setOption(.autoRead, value: true).get()
                var parts = inbound.cancelOnGracefulShutdown().makeAsyncIterator()
                while let part = try await parts.next() {
                    guard case .head(let head) = part else { continue }
                    guard try await skipBody(&parts) else {
                        return try await AdminAnswer(to: head, .text("the body is too long", status: 413))
                            .send(outbound, keepAlive: false)
                    }
                    let answer = AdminAnswer(to: head, await response(to: head))
                    let keepAlive = head.isKeepAlive && !Task.isShuttingDownGracefully
                    try await answer.send(outbound, keepAlive: keepAlive)
                    if !keepAlive { return }
                }
            }
        } catch {
            logger.debug("an admin client left early", metadata: ["error": "\(error)"])
        }
    }

    /// Reads to the request's end; false where its body is beyond the limit. No route looks at a body.
    private func skipBody<Parts: AsyncIteratorProtocol>(_ parts: inout Parts) async throws -> Bool
    where Parts.Element == HTTPServerRequestPart {
        var byteCount = 0
        while case .body(let bytes)? = try await parts.next() {
            byteCount += bytes.readableBytes
            if byteCount > bodyBytes { return false }
        }
        return true
    }

    private func response(to head: HTTPRequestHead) async -> AdminResponse {
        let method: AdminRequest.Method
        switch head.method {
        case .GET: method = .get
        case .HEAD: method = .head
        default:
            var refusal = AdminResponse.text("only GET and HEAD are allowed here", status: 405)
            refusal.headers.add(name: "allow", value: "GET, HEAD")
            return refusal
        }
        let request = AdminRequest(method: method, target: head.uri, headers: head.headers)
        guard let route = routes[request.path] else {
            return .text("not found; there is \(routes.keys.sorted().joined(separator: ", "))", status: 404)
        }
        return await route(request)
    }
}
