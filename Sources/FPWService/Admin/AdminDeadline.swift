import NIOCore
import NIOHTTP1

/// Closes a connection on which no whole request arrives in time, and behind the last answer once that has left.
final class AdminDeadline: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: AdminLimits
    private var deadline: Scheduled<Void>?
    private var isLastAnswer = false

    init(_ limits: AdminLimits) {
        self.limits = limits
    }

    func handlerAdded(context: ChannelHandlerContext) {
        expectRequest(within: limits.requestTime, context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .end = unwrapInboundIn(data) { deadline?.cancel() }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head): isLastAnswer = head.headers[canonicalForm: "connection"].contains("close")
        case .body: break
        case .end: return writeEnd(data, promise: promise, context)
        }
        context.write(data, promise: promise)
    }

    private func writeEnd(_ end: NIOAny, promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext) {
        expectRequest(within: limits.idleTime, context)
        guard isLastAnswer else { return context.write(end, promise: promise) }
        let left = promise ?? context.eventLoop.makePromise()
        let channel = context.channel
        left.futureResult.whenComplete { _ in channel.close(promise: nil) }
        context.write(end, promise: left)
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    private func expectRequest(within limit: Duration, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: TimeAmount(limit)) { channel.close(promise: nil) }
    }
}
