import FPWTransport
import Testing

@Suite("Bodies")
struct BodyTests {
    private func filled(_ count: Int, keep: Int, limit: Int? = nil, budget: KeepBudget? = nil) -> Body {
        let body = Body(budget: budget)
        body.reset(window: 1 << 20, keep: keep, limit: limit)
        body.fill(pattern(count))
        return body
    }

    @Test("bytes come out in order, in pieces of any size", arguments: [1, 7, 4096, 100_000])
    func order(piece: Int) {
        let body = filled(50_000, keep: 0)
        var got: [UInt8] = []
        while body.consumed < body.written { got += body.read(piece) }
        #expect(got == pattern(50_000))
        #expect(body.read(1) == [])
    }

    @Test(
        "a body no longer than `keep` can be read again, a longer one cannot",
        arguments: [(10, 10, true), (11, 10, false), (0, 0, true), (1, 0, false), (100_000, 1 << 20, true)])
    func keep(count: Int, keep: Int, isKept: Bool) {
        let body = filled(count, keep: keep)
        _ = body.read(count / 2)
        #expect(body.isKept == isKept)
        #expect(body.rewind() == isKept)
        #expect(body.read(count + 1).count == (isKept ? count : count - count / 2))
        #expect(body.consumed == count)
    }

    @Test("reading again does not count twice")
    func consumed() {
        let body = filled(10, keep: 10)
        _ = body.read(8)
        #expect(body.rewind())
        _ = body.read(3)
        #expect(body.consumed == 8)
    }

    @Test(
        "the first bytes are copied aside where somebody looks on, from one reset to the next",
        arguments: [(10, 100), (100, 100), (101, 100), (50_000, 20_000), (10, 0), (0, 10)])
    func captured(count: Int, limit: Int) {
        let body = Body()
        body.capturesFirst(limit)
        #expect(body.captured == [])
        body.reset(window: 1 << 20, keep: 0)
        body.fill(pattern(count))
        _ = body.read(count)
        #expect(body.captured == Array(pattern(count).prefix(limit)))
        #expect(body.written == count)
        body.reset(window: 0, keep: 0)
        #expect(body.captured == [])
    }

    @Test("copies of one budget end where it is used up, and give back what they took")
    func capturedWithinBudget() {
        let budget = KeepBudget(bytes: 25_000)
        do {
            let (first, second) = (Body(), Body())
            for body in [first, second] {
                body.capturesFirst(20_000, within: budget)
                body.reset(window: 1 << 20, keep: 0)
                body.fill(pattern(50_000))
                #expect(budget.used == 20_000)
            }
            #expect(first.captured == Array(pattern(20_000)))
            #expect(second.captured == [])
            #expect(second.written == 50_000)
            first.reset(window: 0, keep: 0)
            #expect(budget.used == 0)
            second.reset(window: 1 << 20, keep: 0)
            second.fill(pattern(10))
            #expect(second.captured == pattern(10))
        }
        #expect(budget.used == 0)
    }

    @Test("a forgotten copy is gone, what was not read is not")
    func forget() {
        let body = filled(10, keep: 10)
        let first = body.read(4)
        body.forget()
        #expect(!body.rewind())
        #expect(first + body.read(10) == pattern(10))
    }

    @Test("a body over its limit fails", arguments: [(10, 10, false), (11, 10, true), (1, 0, true), (0, 0, false)])
    func limit(count: Int, limit: Int, fails: Bool) {
        let body = filled(count, keep: 100, limit: limit)
        #expect(body.hasFailed == fails)
        #expect(body.exceededLimit == fails)
        #expect(body.isFinished == !fails)
        #expect(body.isKept == !fails)
    }

    @Test("a reset body is as new")
    func reset() {
        let body = filled(11, keep: 100, limit: 10)
        body.reset(window: 100, keep: 100)
        #expect(body.written == 0)
        #expect(body.consumed == 0)
        #expect(!body.hasFailed && !body.exceededLimit && !body.isFinished)
        body.fill([1, 2])
        #expect(body.read(9) == [1, 2])
    }

    @Test("kept bytes are charged to the budget, and given back when they are forgotten, reset or gone")
    func budget() {
        let budget = KeepBudget(bytes: 100)
        do {
            let first = filled(60, keep: 100, budget: budget)
            #expect(budget.used == 60)
            let second = filled(60, keep: 100, budget: budget)
            #expect(budget.used == 60)
            #expect(!second.isKept)
            #expect(second.read(60) == pattern(60))
            first.forget()
            #expect(budget.used == 0)
            second.reset(window: 100, keep: 100)
            second.fill(pattern(40))
            #expect(budget.used == 40)
            second.reset(window: 100, keep: 100)
            #expect(budget.used == 0)
            second.fill(pattern(10))
        }
        #expect(budget.used == 0)
    }

    @Test("a lower budget keeps no more, and takes nothing back")
    func lowerBudget() {
        let budget = KeepBudget(bytes: 100)
        let kept = filled(60, keep: 100, budget: budget)
        budget.limit = 10
        #expect(kept.rewind())
        #expect(!filled(1, keep: 100, budget: budget).isKept)
    }
}
