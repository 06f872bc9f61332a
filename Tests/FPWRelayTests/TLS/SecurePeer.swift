import NIOCore
import NIOEmbedded
import NIOSSL

@testable import FPWRelay

/// The other end of a connection to the relay by TLS: a client whose bytes the test carries to and fro.
final class SecurePeer {
    /// The relay's end.
    let server = EmbeddedChannel()
    private let client = EmbeddedChannel()
    private let watch = GoodbyeWatch()
    /// What the relay is told that the peer's kernel has acknowledged.
    var acknowledged: Int?
    /// Bytes that TCP has carried to the peer.
    private(set) var carried = 0
    /// The handshakes that failed.
    private(set) var failures: [any Error] = []

    /// - Parameter speaks: begins the handshake.
    init(_ relay: RelayFixture, speaks: Bool = true) throws {
        let address = try SocketAddress(ipAddress: "192.0.2.7", port: 50000)
        server.remoteAddress = address
        try server.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
        let identity = try ServerIdentity(certificate: TestIdentity.certificate, key: TestIdentity.key)
        let wire = try Wire.secure(server, as: identity) { [weak self] in self?.failures.append($0) }
        try server.pipeline.syncOperations.addHandler(
            Connection(
                server, relay: relay.relay, loop: relay.loop, listener: .visitorsAndSlots, wire: wire,
                carriedBytes: { [weak self] _ in
                    self?.acknowledged.map { CarriedBytes(sent: .max, acknowledged: $0) }
                }))
        try server.connect(to: address).wait()
        if speaks { try shakeHands() }
    }

    private func shakeHands() throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = ["h2", "http/1.1"]
        let tls = try NIOSSLClientHandler(context: NIOSSLContext(configuration: configuration), serverHostname: nil)
        try client.pipeline.syncOperations.addHandlers(tls, watch)
        try client.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 443)).wait()
        try carry()
    }

    /// Carries what both ends have written until neither writes more.
    private func carry() throws {
        while true {
            let upwards = try client.readOutbound(as: ByteBuffer.self)
            if let upwards, server.isActive { try server.writeInbound(upwards) }
            let downwards = try server.readOutbound(as: ByteBuffer.self)
            if let downwards {
                carried += downwards.readableBytes
                try client.writeInbound(downwards)
            }
            guard upwards != nil || downwards != nil else { return }
        }
    }

    func send(_ text: String) throws {
        try client.writeOutbound(ByteBuffer(string: text))
        try carry()
    }

    /// What the relay has written since this was last asked.
    func received() throws -> String {
        try carry()
        var text = ""
        while let bytes = try client.readInbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        return text
    }

    /// Whether the peer has seen the end of TLS, which alone says that all has come.
    var hasGoodbye: Bool { watch.hasGoodbye }

    var isOpen: Bool { server.isActive }
}

private final class GoodbyeWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private(set) var hasGoodbye = false

    func errorCaught(context: ChannelHandlerContext, error: any Error) {}

    func channelInactive(context: ChannelHandlerContext) {
        hasGoodbye = true
        context.fireChannelInactive()
    }
}
