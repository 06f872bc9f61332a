import FPWConfig
import FPWMetrics
import FPWProtocol
import NIOCore
import NIOEmbedded
import Testing

@testable import FPWRelay

/// The other end of a connection to the relay.
final class TestPeer {
    let channel = EmbeddedChannel()
    private let reads = ReadCounter()
    var slotID: SlotID?
    /// What the relay is told that the peer's kernel has acknowledged.
    var acknowledged: Int?
    /// What it is told that its own kernel has sent; nil: everything.
    var sent: Int?
    /// Probes that the peer has left unanswered.
    var unansweredProbes = 0
    /// The kernel is told to probe the peer.
    private(set) var isProbed = false

    init(_ relay: Relay, _ loop: RelayLoop, _ listener: ListenerRole) throws {
        let address = try SocketAddress(ipAddress: "192.0.2.7", port: 50000)
        channel.remoteAddress = address
        try channel.pipeline.syncOperations.addHandler(reads)
        let admission = relay.connections.withLock { $0.opened(from: IPAddress("192.0.2.7"), at: .now()) }
        let block: AddressBlock? = if case .counted(let block) = admission { block } else { nil }
        let connection = Connection(
            channel, relay: relay, loop: loop, listener: listener, countedAs: block,
            carriedBytes: { [weak self] _ in
                self?.acknowledged.map { CarriedBytes(sent: self?.sent ?? .max, acknowledged: $0) }
            },
            setProbing: { [weak self] in self?.isProbed = $1 },
            unansweredProbes: { [weak self] _ in self?.unansweredProbes })
        try channel.pipeline.syncOperations.addHandler(connection)
        try channel.connect(to: address).wait()
    }

    func send(_ text: String) throws {
        try channel.writeInbound(ByteBuffer(string: text))
    }

    /// Sends a POST of a slot; `fields` are further field lines, each with its line end.
    func post(slot: SlotID? = nil, host: String = "blog.test", fields: String = "", body: String = "") throws {
        slotID = slot ?? slotID
        let slotLine = slotID.map { "fpw-slot: \($0)\r\n" } ?? ""
        try send(
            "POST /server-client HTTP/1.1\r\nhost: relay\r\nfpw-host: \(host)\r\nfpw-token: \(RelayFixture.token)\r\n"
                + slotLine + fields + "content-length: \(body.utf8.count)\r\n\r\n" + body)
    }

    /// Sends the reply to a visit.
    func reply(to id: String, status: Int = 200, fields: String = "", body: String = "") throws {
        try post(fields: "fpw-rid: \(id)\r\nfpw-status: \(status)\r\n" + fields, body: body)
    }

    /// Sends the head of a reply, whose body follows by `send`.
    func beginReply(to id: String, status: Int = 200, framing: String, fields: String = "") throws {
        let slotLine = slotID.map { "fpw-slot: \($0)\r\n" } ?? ""
        try send(
            "POST / HTTP/1.1\r\nhost: relay\r\nfpw-host: blog.test\r\nfpw-token: \(RelayFixture.token)\r\n" + slotLine
                + "fpw-id: \(id)\r\nfpw-status: \(status)\r\n\(fields)\(framing)\r\n\r\n")
    }

    /// What the relay has written since this was last asked, without `date` fields.
    func received() -> String {
        var text = ""
        while let bytes = try? channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        return text.replacing(/date: [^\r]*\r\n/, with: "")
    }

    /// The id of the visit that the relay has just handed over.
    func visitID() throws -> String {
        let text = received()
        let match = try #require(text.firstMatch(of: /fpw-rid: ([0-9a-f]{32})/), "no visit in: \(text)")
        return String(match.1)
    }

    /// The peer closes its side.
    func leave() {
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    /// The connection breaks.
    func breakOff() {
        channel.pipeline.fireErrorCaught(IOError(errnoCode: 104, reason: "connection reset"))
    }

    /// Whether the peer takes what the relay sends, or lets it pile up.
    func takes(_ takes: Bool) {
        channel.isWritable = takes
        channel.pipeline.fireChannelWritabilityChanged()
    }

    var isOpen: Bool { channel.isActive }

    /// How often the relay has asked for more bytes since this was last asked.
    func readRequests() -> Int { reads.take() }
}

private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }

    func take() -> Int {
        defer { count = 0 }
        return count
    }
}
