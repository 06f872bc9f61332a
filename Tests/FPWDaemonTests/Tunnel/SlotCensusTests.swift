import FPWTransport
import Testing

@testable import FPWDaemon

@Suite("How many slots a tunnel has")
struct SlotCensusTests {
    private let tunnel = Slots()

    @Test("while two are idle none is opened")
    func enough() {
        tunnel.open(4)
        #expect(!tunnel.visit(at: 0))
        #expect(!tunnel.visit(at: 0))
    }

    @Test("each visit that leaves fewer than two idle opens one, up to the most")
    func growth() {
        tunnel.open(2)
        #expect(tunnel.visit(at: 0))
        #expect(tunnel.total == 3)
        #expect(tunnel.visit(at: 0))
        #expect(tunnel.total == 4)
        #expect(!tunnel.becameBusy(at: 0))
        #expect(tunnel.total == 4)
    }

    @Test("those that are idle in time make opening more needless")
    func enoughIdle() {
        tunnel.open(2)
        #expect(tunnel.visit(at: 0))
        tunnel.becameIdle()
        tunnel.becameIdle()
        #expect(!tunnel.visit(at: 1))
        #expect(tunnel.total == 3)
    }

    @Test("surplus slots close after a quiet minute, down to the configured number")
    func shrinking() {
        tunnel.open(2)
        _ = tunnel.visit(at: 100)
        _ = tunnel.visit(at: 100)
        #expect(!tunnel.maySpare(at: 160))
        #expect(tunnel.maySpare(at: 160.1))
        #expect(tunnel.maySpare(at: 160.1))
        #expect(!tunnel.maySpare(at: 9999))
        #expect(tunnel.total == 2)
    }

    @Test("need that finds no room counts as need: the quiet time begins after it")
    func needAtTheMost() {
        tunnel.open(2)
        _ = tunnel.visit(at: 0)
        _ = tunnel.visit(at: 0)
        #expect(!tunnel.becameBusy(at: 100))
        #expect(!tunnel.maySpare(at: 160))
        #expect(tunnel.maySpare(at: 160.1))
    }

    @Test("a slot that ended leaves room for another")
    func closed() {
        tunnel.open(2)
        _ = tunnel.visit(at: 0)
        _ = tunnel.visit(at: 0)
        tunnel.closed()
        #expect(tunnel.total == 3)
        #expect(tunnel.becameBusy(at: 1))
    }
}

/// A tunnel of two to four slots, in seconds.
private final class Slots {
    private var census = SlotCensus(workers: 2, maxWorkers: 4)

    var total: Int { census.total }

    func open(_ count: Int) {
        census.opened(count)
        census.idleChanged(by: count)
    }

    /// A visit for an idle slot; true where another slot is opened.
    func visit(at seconds: Double) -> Bool {
        census.idleChanged(by: -1)
        return becameBusy(at: seconds)
    }

    func becameBusy(at seconds: Double) -> Bool { census.becameBusy(at: .at(seconds)) }
    func becameIdle() { census.idleChanged(by: 1) }
    func maySpare(at seconds: Double) -> Bool { census.maySpare(at: .at(seconds)) }
    func closed() { census.closed() }
}
