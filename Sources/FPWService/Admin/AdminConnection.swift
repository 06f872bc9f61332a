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
    private let site: AdminSite
    private let limits: AdminLimits
    private let logger: Logger

    /// Sets a new connection up, on its event loop; nothing is read before `serve()`.
    init(_ channel: any Channel, site: AdminSite, limits: AdminLimits, logger: Logger) throws {
        self.channel = channel
        self.site = site
        self.limits = limits
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
                    guard let body = try await readBody(&parts, site.bodyLimit(for: head, limits)) else {
                        try await AdminAnswer(to: head, .text("the body is too long", status: 413))
                            .send(outbound, keepAlive: false)
                        break
                    }
                    let answer = AdminAnswer(to: head, await site.response(to: head, body: body))
                    let keepAlive = head.isKeepAlive && !Task.isShuttingDownGracefully
                    try await answer.send(outbound, keepAlive: keepAlive)
                    if !keepAlive { break }
                }
                // AdminDeadline closes the channel when the last answer has left.
                while try await parts.next() != nil {}
            }
        } catch {
            logger.debug("an admin client left early", metadata: ["error": "\(error)"])
        }
    }

    /// Reads to the request's end; nil where its body is beyond the limit.
    private func readBody<Parts: AsyncIteratorProtocol>(_ parts: inout Parts, _ limit: Int) async throws -> [UInt8]?
    where Parts.Element == HTTPServerRequestPart {
        var body: [UInt8] = []
        while case .body(let bytes)? = try await parts.next() {
            guard body.count + bytes.readableBytes <= limit else { return nil }
            body.append(contentsOf: bytes.readableBytesView)
        }
        return body
    }
}
