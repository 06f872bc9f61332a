import FPWProtocol
import Testing

@testable import FPWRelay

@Suite("a connection that one slot after the other uses")
struct SharedConnectionTests {
    let relay = RelayFixture()

    /// A slot that has a visit, and another of the same worker whose poll came on the same connection since.
    private func visitAndLaterPoll() throws -> (visitor: TestPeer, id: String, slot: SlotID, connection: TestPeer) {
        let slot = SlotID()
        let connection = try relay.slot(slot)
        let visitor = try relay.visitor()
        let id = try connection.visitID()
        try connection.post(slot: SlotID())
        return (visitor, id, slot, connection)
    }

    @Test("is missed by no visit that was delivered on it before, if it was the worker's last")
    func workerKilled() throws {
        let (visitor, id, _, connection) = try visitAndLaterPoll()
        connection.breakOff()
        relay.pass(seconds: 9)
        #expect(visitor.received() == "")
        let next = try relay.slot()
        relay.pass(seconds: 11)
        #expect(try next.visitID() == id)
    }

    @Test("is no loss for a visit that was delivered on it before, while the worker has another connection")
    func connectionClosed() throws {
        let other = try relay.slot()
        let (visitor, id, slot, connection) = try visitAndLaterPoll()
        connection.leave()
        relay.pass(seconds: 60)
        #expect(other.received() == "")
        try relay.connect(as: slot).reply(to: id, body: "here")
        #expect(visitor.received().hasSuffix("here"))
    }

    @Test("is missed when the worker's last connection ends later")
    func workerKilledLater() throws {
        let other = try relay.slot()
        let (visitor, _, _, connection) = try visitAndLaterPoll()
        connection.leave()
        other.breakOff()
        relay.pass(seconds: 11)
        relay.pass(seconds: 20)
        #expect(visitor.received().hasPrefix("HTTP/1.1 502 "))
    }

    @Test("is no loss for a visit where the relay goes down, which closes it itself")
    func goingDown() throws {
        let (visitor, id, slot, connection) = try visitAndLaterPoll()
        relay.relay.goDown()
        connection.leave()
        for seconds: Int64 in [11, 20] { relay.pass(seconds: seconds) }
        #expect(visitor.received() == "")
        try relay.connect(as: slot).reply(to: id, body: "here")
        #expect(visitor.received().hasSuffix("here"))
    }

    @Test("is not watched for a visit that was answered on another connection")
    func answeredElsewhere() throws {
        let (visitor, id, slot, connection) = try visitAndLaterPoll()
        try relay.connect(as: slot).reply(to: id, body: "here")
        #expect(visitor.received().hasSuffix("here"))
        connection.breakOff()
        relay.pass(seconds: 11)
        #expect(visitor.received() == "")
    }
}

@Suite("orphaned visits")
struct OrphanedVisitsTests {
    private var orphans = OrphanedVisits<Party>()
    private let first = Party("first")
    private let second = Party("second")

    @Test("are lost with the last connection of their worker's address")
    mutating func lastConnection() {
        for address in ["a", "a", "b"] { orphans.connectionOpened(of: address) }
        #expect(orphans.connectionClosed(of: "a", leaving: [first, second]).isEmpty)
        orphans.forget(first, of: "a")
        #expect(orphans.connectionClosed(of: "b", leaving: []).isEmpty)
        #expect(orphans.connectionClosed(of: "a", leaving: []).map(\.name) == ["second"])
        orphans.connectionOpened(of: "a")
        #expect(orphans.connectionClosed(of: "a", leaving: []).isEmpty)
    }
}
