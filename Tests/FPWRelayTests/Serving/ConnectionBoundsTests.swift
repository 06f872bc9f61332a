import FPWConfig
import FPWProtocol
import Testing

@testable import FPWRelay

@Suite("connections of one address")
struct ConnectionBoundsTests {
    private var bounds = ConnectionBounds(limit: 2, proxies: ["198.51.100.0/24"].compactMap { AddressRange($0) })

    /// What becomes of a connection, in a word; `refused 3`: three were since the last line of the log.
    private mutating func open(_ address: String?, at seconds: Int64 = 0) -> String {
        switch bounds.opened(from: address.flatMap { IPAddress($0) }, at: .at(seconds)) {
        case .uncounted: "uncounted"
        case .counted(let block): "\(block)"
        case .refused(_, let report): "refused" + (report.map { " \($0)" } ?? "")
        }
    }

    private func block(_ address: String) throws -> AddressBlock { AddressBlock(try #require(IPAddress(address))) }

    @Test("are so many at the most, and one more when one has been closed")
    mutating func limit() throws {
        #expect((0..<3).map { _ in open("192.0.2.1") } == ["192.0.2.1", "192.0.2.1", "refused 1"])
        #expect(open("192.0.2.2") == "192.0.2.2")
        bounds.closed(try block("192.0.2.1"), isSlots: false)
        #expect((0..<2).map { _ in open("192.0.2.1") } == ["192.0.2.1", "refused"])
    }

    @Test("are those of an IPv6 /64, and of the IPv4 address that an IPv6 one means")
    mutating func blocks() {
        #expect(
            ["2001:db8::1", "2001:db8::2:0:0:1", "2001:db8::3", "2001:db8:0:1::1"].map { open($0) }
                == ["2001:db8::/64", "2001:db8::/64", "refused 1", "2001:db8:0:1::/64"])
        #expect(
            ["::ffff:192.0.2.1", "192.0.2.1", "::ffff:c000:201"].map { open($0) }
                == ["192.0.2.1", "192.0.2.1", "refused"])
    }

    @Test(
        "are not counted where many stand behind the address: this machine's, and trusted proxies'",
        arguments: ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "198.51.100.7", nil])
    mutating func uncounted(address: String?) {
        #expect((0..<9).map { _ in open(address) } == Array(repeating: "uncounted", count: 9))
    }

    @Test("are not bounded while one of them is a slot's")
    mutating func slots() throws {
        _ = open("192.0.2.1")
        bounds.becameSlots(try block("192.0.2.1"))
        #expect((0..<9).map { _ in open("192.0.2.1") } == Array(repeating: "192.0.2.1", count: 9))
        bounds.closed(try block("192.0.2.1"), isSlots: true)
        #expect(open("192.0.2.1") == "refused 1")
        for _ in 0..<9 { bounds.closed(try block("192.0.2.1"), isSlots: false) }
        #expect((0..<3).map { _ in open("192.0.2.1") } == ["192.0.2.1", "192.0.2.1", "refused"])
    }

    @Test("are told of once a minute, with their number")
    mutating func report() {
        for _ in 0..<2 { _ = open("192.0.2.1") }
        #expect([0, 1, 59, 60].map { open("192.0.2.1", at: $0) } == ["refused 1", "refused", "refused", "refused 3"])
    }

    @Test("are as many as one likes without a limit, and bounded from a reload on")
    mutating func reload() {
        bounds.apply(limit: nil, proxies: [])
        #expect((0..<9).map { _ in open("198.51.100.7") } == Array(repeating: "198.51.100.7", count: 9))
        bounds.apply(limit: 1, proxies: [])
        #expect((0..<2).map { _ in open("198.51.100.8") } == ["198.51.100.8", "refused 1"])
        #expect(open("198.51.100.7") == "refused")
    }

    @Test("tell the good tokens that those which are open have shown")
    mutating func tokens() throws {
        let (one, two) = (Token("one"), Token("two"))
        let block = try block("192.0.2.1")
        for token in [one, one, two] {
            _ = open("192.0.2.1")
            bounds.becameSlots(block)
            bounds.showed(token, block)
        }
        bounds.closed(block, isSlots: true, tokens: [one])
        #expect(Set(bounds.tokens(of: block)) == [one, two])
        bounds.closed(block, isSlots: true, tokens: [one])
        #expect(bounds.tokens(of: block) == [two])
        bounds.closed(block, isSlots: true, tokens: [two])
        #expect(bounds.tokens(of: block) == [])
    }
}
