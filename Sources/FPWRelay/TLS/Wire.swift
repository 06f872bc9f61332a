import NIOCore

/// Where a connection's TLS meets TCP: knows what is really sent, and ends the connection without waiting for the peer's
/// consent, as TLS would.
///
/// Confined to the connection's event loop.
final class Wire: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    /// A peer speaks something else than TLS.
    struct NotTLS: Error {}

    /// All bytes ever written.
    private(set) var byteCount = 0
    private var context: ChannelHandlerContext?
    private var hasBegun = false

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        byteCount += unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !hasBegun {
            hasBegun = true
            guard unwrapInboundIn(data).isTLS else { return refuse(context) }
        }
        context.fireChannelRead(data)
    }

    /// A browser that was given `http://` and this port shows what it did wrong.
    private func refuse(_ context: ChannelHandlerContext) {
        context.writeAndFlush(NIOAny(ByteBuffer(string: Self.advice)), promise: nil)
        context.fireErrorCaught(NotTLS())
        abort()
    }

    private static let advice = """
        HTTP/1.1 400 Bad Request\r
        content-type: text/plain; charset=utf-8\r
        fpw-relay: not-tls\r
        connection: close\r
        content-length: 38\r
        \r
        This port speaks TLS. Write https://.

        """
}

extension Wire {
    /// Says goodbye and closes.
    func close() {
        guard let context else { return }
        context.channel.close(mode: .output, promise: nil)
        context.close(promise: nil)
    }

    /// Closes without a goodbye, so that the peer cannot take what it has got for whole.
    func abort() {
        context?.close(promise: nil)
    }
}

extension ByteBuffer {
    /// Whether it begins with a handshake record (RFC 8446 §5.1).
    fileprivate var isTLS: Bool { getInteger(at: readerIndex, as: UInt8.self) == 22 }
}
