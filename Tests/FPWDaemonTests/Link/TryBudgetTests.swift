import FPWTransport
import TestSupport
import Testing

@testable import FPWDaemon

@Suite("The process's budget of tries")
struct TryBudgetTests {
    @Test("after a quiet time ten turns are free, then one each 100 ms, in the order of asking")
    func order() {
        var budget = TryBudget()
        let turns = (0..<13).map { _ in budget.turn(at: .at(100)) }
        #expect(turns == Array(repeating: .at(100), count: 10) + [.at(100.1), .at(100.2), .at(100.3)])
    }

    @Test("no second has more than twenty turns, and a minute of asking has ten a second", arguments: 0..<20)
    func bound(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var budget = TryBudget()
        var turns: [Moment] = []
        var now = 50.0
        while now < 110 {
            now += Double.random(in: 0..<0.08, using: &random)
            turns.append(budget.turn(at: .at(now)))
        }
        #expect(turns == turns.sorted())
        for (index, turn) in turns.enumerated() where index >= 20 { #expect(turn - turns[index - 20] > .seconds(1)) }
        #expect(turns.count { $0 < .at(110) } <= 610)
    }

    @Test("a hundred tunnels that are down share it evenly")
    func fair() {
        var budget = TryBudget()
        var tries = [Int](repeating: 0, count: 100)
        // Each asks again a second after its try.
        var asking = (0..<100).map { (tunnel: $0, at: Moment.at(10)) }
        while let next = asking.indices.min(by: { asking[$0].at < asking[$1].at }), asking[next].at < .at(110) {
            tries[asking[next].tunnel] += 1
            asking[next].at = budget.turn(at: asking[next].at) + .seconds(1)
        }
        #expect(tries.allSatisfy { (9...12).contains($0) }, "\(tries)")
    }
}
