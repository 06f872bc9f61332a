import FPWConfig
import FPWProtocol
import FPWService
import Glibc
import NIOCore
import NIOEmbedded
import Testing

@testable import FPWRelay

/// A relay whose connections are in memory: nothing happens but what the test does, and in that order.
final class RelayFixture {
    static let token = "a-token-of-the-tests"
    private static let nowhere = LogSink(LogStyle(.text), descriptor: open("/dev/null", O_WRONLY))

    let relay: Relay
    let loop = RelayLoop(index: 0, eventLoop: EmbeddedEventLoop())

    /// - Parameter greetingTime: none, unless a test asks what a hello brings about.
    init(
        greetingTime: TimeAmount = .zero, namesPerWildcard: Int = 10_000,
        _ change: (inout RelayConfig) -> Void = { _ in }
    ) {
        var config = RelayConfig()
        config.hosts = [
            HostConfig(pattern: "blog.test", tokens: [Token(Self.token)]),
            HostConfig(pattern: "*.wild.test", tokens: [Token(Self.token)]),
        ]
        change(&config)
        relay = Relay(config, VisitorPorts(clear: 8080), log: Self.nowhere) {
            $0.greetingTime = greetingTime
            $0.namesPerWildcard = namesPerWildcard
        }
    }

    func connect(_ listener: ListenerRole = .visitorsAndSlots) throws -> TestPeer {
        try TestPeer(relay, loop, listener)
    }

    /// A fresh connection of a slot that is known already.
    func connect(as slot: SlotID?) throws -> TestPeer {
        let peer = try connect()
        peer.slotID = slot
        return peer
    }

    /// A connection whose slot has parked its first poll.
    func slot(_ id: SlotID? = SlotID()) throws -> TestPeer {
        let peer = try connect()
        try peer.post(slot: id)
        #expect(peer.received() == "")
        return peer
    }

    /// A visitor's connection that has sent this request.
    func visitor(_ request: String = "GET / HTTP/1.1\r\nhost: blog.test\r\n\r\n") throws -> TestPeer {
        let peer = try connect()
        try peer.send(request)
        return peer
    }

    /// Lets the hosts and all connections look at a time that many seconds from now.
    func pass(seconds: Int64) {
        let now = NIODeadline.now() + .seconds(seconds)
        relay.sweep(at: now)
        loop.tick(at: now)
    }
}
