import FPWConfig
import FPWProtocol
import NIOCore
import Testing

@testable import FPWRelay

@Suite("what a visit is made of")
struct VisitorPartsTests {
    @Test(
        "the visitor's address is the peer's, or what trusted proxies say of it",
        arguments: [
            ("10.0.0.1", "", "10.0.0.1", true), ("10.0.0.1", "1.2.3.4", "1.2.3.4", true),
            ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4", true),
            ("10.0.0.1", "1.2.3.4, nonsense", "10.0.0.1", true), ("1.2.3.4", "6.6.6.6", "1.2.3.4", false),
            ("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1", true),
        ])
    func clientAddress(peer: String, chain: String, address: String, isProxied: Bool) {
        let trusted = [AddressRange("10.0.0.0/8")].compactMap { $0 }
        let client = ClientAddress(Peer(peer), headers: ["X-Forwarded-For": chain], trusted: trusted)
        #expect(client.text == address && client.isProxied == isProxied)
    }

    @Test("no more of a body is kept than 64 KiB")
    func keptBody() {
        var body = VisitBody()
        let piece = ByteBuffer(repeating: 1, count: 32 << 10)
        let kept = (0..<3).map { _ in
            body.append(piece)
            return body.isAtHand
        }
        #expect(kept == [true, true, false])
        #expect(body.received == 96 << 10 && body.kept.readableBytes == 0)
    }

    @Test("refused tokens are explained 60 times a minute to each address")
    func refusals() {
        var limiter = RefusalLimiter()
        func admits(_ address: String, at seconds: Int64 = 0) -> Bool {
            limiter.admits(IPAddress(address).map { AddressBlock($0) }, at: .at(seconds))
        }
        let admitted = (0..<61).map { admits("2001:db8::\($0)") }
        #expect(admitted == Array(repeating: true, count: 60) + [false], "an IPv6 /64 is one address")
        #expect(admits("2001:db8:0:1::1") && admits("192.0.2.1"))
        #expect(admits("2001:db8::1", at: 60))
    }

    @Test(
        "the relay takes half of the cores, four at the most, or what is configured",
        arguments: [(0, 1, 1), (0, 2, 1), (0, 4, 2), (0, 64, 4), (3, 1, 3)])
    func loops(configured: Int, cores: Int, count: Int) {
        #expect(RelayServer.loopCount(configured, cores: cores) == count)
    }
}
