import FPWTransport
import Testing

@testable import FPWDaemon

@Suite("How many slots a tunnel has")
struct SlotCensusTests {
    private let tunnel = Slots()

    @Test("while two are idle none is opened")
    func enough() {
        tunnel.open(4)
        #expect(tunnel.visit(at: 0) == 0)
        #expect(tunnel.visit(at: 0) == 0)
    }

    @Test("a visit that leaves one idle opens one, one that leaves none idle as many as are busy, up to the most")
    func growth() {
        tunnel.open(3)
        #expect(tunnel.visit(at: 0) == 0)
        #expect(tunnel.visit(at: 0) == 1)
        #expect(tunnel.visit(at: 0) == 2)
        #expect(tunnel.total == 6)
        for _ in 0..<3 { tunnel.arrive() }
        #expect(tunnel.visit(at: 0) == 0)
        #expect(tunnel.visit(at: 0) == 1)
        #expect(tunnel.visit(at: 0) == 1, "no more than eight")
        #expect(tunnel.total == 8)
    }

    @Test("those that are on their way are not ordered twice")
    func coming() {
        tunnel.open(2)
        #expect(tunnel.visit(at: 0) == 1)
        #expect(tunnel.visit(at: 0) == 1)
        tunnel.becameIdle()
        #expect(tunnel.visit(at: 0) == 0)
    }

    @Test("behind a full house each round doubles the slots: 200 visitors are met in six")
    func crowd() {
        let census = Slots(workers: 4, maxWorkers: 200)
        census.open(4)
        var waiting = 200
        var rounds = 0
        var idle = 4
        while waiting > 0, rounds < 50 {
            rounds += 1
            let served = min(idle, waiting)
            waiting -= served
            let opened = (0..<served).reduce(0) { sum, _ in sum + census.visit(at: 0) }
            for _ in 0..<opened { census.arrive() }
            idle = opened
        }
        #expect(waiting == 0)
        #expect(rounds <= 7)
        #expect(census.total == 200)
    }

    @Test("surplus slots close after a quiet minute, down to the configured number")
    func shrinking() {
        tunnel.open(2)
        _ = tunnel.visit(at: 100)
        _ = tunnel.visit(at: 100)
        #expect(tunnel.total == 4)
        #expect(!tunnel.maySpare(at: 160))
        #expect(tunnel.maySpare(at: 160.1))
        #expect(tunnel.maySpare(at: 160.1))
        #expect(!tunnel.maySpare(at: 9999))
        #expect(tunnel.total == 2)
    }

    @Test("need that finds no room counts as need: the quiet time begins after it")
    func needAtTheMost() {
        let census = Slots(workers: 1, maxWorkers: 2)
        census.open(1)
        #expect(census.visit(at: 0) == 1)
        census.arrive()
        #expect(census.visit(at: 100) == 0)
        #expect(!census.maySpare(at: 160))
        #expect(census.maySpare(at: 160.1))
    }

    @Test("a slot that ended leaves room for another")
    func closed() {
        let census = Slots(workers: 1, maxWorkers: 2)
        census.open(1)
        #expect(census.visit(at: 0) == 1)
        census.closed()
        #expect(census.total == 1)
        census.becameIdle()
        #expect(census.visit(at: 1) == 1)
    }
}

/// A tunnel's slots, two to eight of them unless said otherwise, in seconds.
private final class Slots {
    private var census: SlotCensus

    init(workers: Int = 2, maxWorkers: Int = 8) {
        census = SlotCensus(workers: workers, maxWorkers: maxWorkers)
    }

    var total: Int { census.total }

    func open(_ count: Int) {
        census.opened(count)
        for _ in 0..<count { arrive() }
    }

    /// One that was ordered is parked.
    func arrive() { _ = census.slotChanged(from: nil, to: .confirmed, at: .at(0)) }

    /// A visit for an idle slot; how many are opened.
    func visit(at seconds: Double) -> Int { census.slotChanged(from: .confirmed, to: .busy, at: .at(seconds)) }
    func becameIdle() { _ = census.slotChanged(from: .busy, to: .confirmed, at: .at(0)) }
    func maySpare(at seconds: Double) -> Bool { census.maySpare(at: .at(seconds)) }
    func closed() { census.closed() }
}
