import FPWConfig
import FPWProtocol
import Testing

@testable import FPWRelay

@Suite("visitors who wait at all hosts")
struct WaitingVisitorsTests {
    let relay = RelayFixture { $0.relay.maxWaitingVisitors = 8 }

    /// How many visitors a host takes that has one slot, which is busy.
    private func fill(_ host: String) throws -> Int {
        let slot = try relay.connect()
        try slot.post(slot: SlotID(), host: host)
        let request = "GET / HTTP/1.1\r\nhost: \(host)\r\n\r\n"
        _ = try relay.visitor(request)
        #expect(slot.received().hasPrefix("HTTP/1.1 200 "))
        var waiting = 0
        while try relay.visitor(request).received().isEmpty { waiting += 1 }
        return waiting
    }

    @Test("count together at the names of a wildcard: they leave as much to another host as those of one")
    func wildcard() throws {
        #expect(try ["a.wild.test", "b.wild.test", "c.wild.test"].map(fill) == [4, 0, 0])
        #expect(try fill("blog.test") == 2)
    }
}
