import NIOCore
import NIOSSL
import NIOTLS

/// Watches a connection's TLS for what stands above it: a handshake has its time, and an end without a goodbye is none
/// of an error.
///
/// Confined to the connection's event loop.
final class Handshake: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// The peer has not come to the end of it.
    struct TimedOut: Error {}

    static let time = TimeAmount.seconds(10)

    private let wire: Wire
    private let report: (any Error) -> Void
    private var deadline: Scheduled<Void>?

    /// - Parameter report: is told why a handshake has failed, unless the peer has merely left.
    init(_ wire: Wire, report: @escaping (any Error) -> Void) {
        self.wire = wire
        self.report = report
    }

    func handlerAdded(context: ChannelHandlerContext) {
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.time) {
            self.report(TimedOut())
            self.wire.abort()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { end() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if deadline != nil, error.breaksHandshake { report(error) }
        end()
        if !error.isMissingGoodbye { context.fireErrorCaught(error) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        deadline?.cancel()
        deadline = nil
    }
}

extension Wire {
    /// Puts TLS between TCP and what is added to the channel later.
    ///
    /// - Parameter report: see `Handshake`.
    static func secure(
        _ channel: any Channel, as identity: ServerIdentity, report: @escaping (any Error) -> Void
    ) throws -> Wire {
        let wire = Wire()
        let tls = NIOSSLServerHandler(context: identity.context)
        try channel.pipeline.syncOperations.addHandlers(wire, tls, Handshake(wire, report: report))
        return wire
    }
}

// What NIOSSL calls an error, as a connection takes it.
extension Error {
    /// The peer has closed the connection without TLS's goodbye, as many do; the event of its closing follows.
    fileprivate var isMissingGoodbye: Bool {
        if case .uncleanShutdown? = self as? NIOSSLError { true } else { false }
    }

    /// A peer speaks no TLS, or none that is spoken here. Who only connects and leaves breaks nothing.
    fileprivate var breaksHandshake: Bool {
        switch self as? NIOSSLError {
        case .handshakeFailed(.sslError([.eofDuringHandshake])): false
        case nil: self is Wire.NotTLS
        default: true
        }
    }
}
