import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// One client's connection to the admin listener: requests are answered one after the other.
struct AdminConnection {
    typealias HTTPChannel = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    let channel: HTTPChannel
    let routes: [String: AdminRoute]
    let logger: Logger

    static func configure(_ channel: any Channel) -> EventLoopFuture<HTTPChannel> {
        channel.eventLoop.makeCompletedFuture {
            // Framing is written by AdminAnswer: the encoder's own would end a HEAD's answer with a chunk.
            var encoding = HTTPResponseEncoder.Configuration()
            encoding.automaticallySetFramingHeaders = false
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderFieldSize = AdminLimits.headerBytes
            limits.maxHeaderListSize = AdminLimits.headerBytes
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withEncoderConfiguration: encoding,
                withDecoderLimitConfiguration: limits)
            try pipeline.addHandler(AdminDeadline())
            return try HTTPChannel(wrappingChannelSynchronously: channel)
        }
    }

    /// Serves until the client leaves, breaks a rule, or the process goes down.
    func serve() async {
        do {
            try await channel.executeThenClose { inbound, outbound in
                var parts = inbound.cancelOnGracefulShutdown().makeAsyncIterator()
                while let part = try await parts.next() {
                    guard case .head(let head) = part else { continue }
                    guard try await Self.skipBody(&parts) else {
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
    private static func skipBody<Parts: AsyncIteratorProtocol>(_ parts: inout Parts) async throws -> Bool
    where Parts.Element == HTTPServerRequestPart {
        var byteCount = 0
        while case .body(let bytes)? = try await parts.next() {
            byteCount += bytes.readableBytes
            if byteCount > AdminLimits.bodyBytes { return false }
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

/// What a client of the admin listener may take.
enum AdminLimits {
    static let headerBytes = 64 << 10
    static let bodyBytes = 64 << 10
    /// From the connection to the first request's end.
    static let requestTime = Duration.seconds(5)
    /// From an answer to the next request's end.
    static let idleTime = Duration.seconds(60)
}
