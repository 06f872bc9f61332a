import FPWTransport
import TestSupport
import Testing

@testable import FPWDaemon

@Suite("Backoff")
struct BackoffTests {
    /// The bound, in milliseconds, of each delay in a row.
    struct Row: Sendable, CustomTestStringConvertible {
        let trouble: Backoff.Trouble
        let since: Duration
        let bounds: [Int]

        var testDescription: String { "\(trouble) for \(since)" }
    }

    @Test(
        "delays are drawn from nothing up to a bound that doubles to its limit",
        arguments: [
            Row(trouble: .transport, since: .zero, bounds: [500, 1000, 2000, 3000, 3000]),
            Row(trouble: .transport, since: .seconds(599), bounds: [500, 1000, 2000, 3000, 3000]),
            Row(trouble: .transport, since: .seconds(600), bounds: [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]),
            Row(trouble: .relay, since: .zero, bounds: [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]),
        ])
    func bounds(row: Row) {
        var random = SeededGenerator(seed: 7)
        var drawn = row.bounds.map { _ in [Int]() }
        for _ in 0..<300 {
            var backoff = Backoff()
            for index in row.bounds.indices {
                drawn[index].append(backoff.next(row.trouble, since: row.since, using: &random).milliseconds)
            }
        }
        for (bound, delays) in zip(row.bounds, drawn) {
            let (least, most) = (delays.min() ?? -1, delays.max() ?? .max)
            #expect(least >= 0 && least < bound / 10, "the jitter is full")
            #expect(most <= bound && most > bound * 9 / 10)
        }
    }

    @Test("a refusal is tried at its own pace: each minute")
    func refusal() {
        var random = SeededGenerator(seed: 7)
        var backoff = Backoff()
        let delays = (0..<20).map { _ in backoff.next(.refusal, since: .seconds(9999), using: &random) }
        #expect(delays == Array(repeating: .seconds(60), count: 20))
    }

    @Test("many attempts do not overflow")
    func many() {
        var random = SeededGenerator(seed: 7)
        var backoff = Backoff()
        let longest = (0..<10_000).map { _ in backoff.next(.relay, since: .zero, using: &random) }.max()
        #expect(longest ?? .zero <= .seconds(30))
        #expect(backoff.attempts == 10_000)
    }

    @Test("after a reset the bound is the first one again")
    func reset() {
        var random = SeededGenerator(seed: 7)
        var backoff = Backoff()
        for _ in 0..<100 {
            for _ in 0..<5 { _ = backoff.next(.relay, since: .zero, using: &random) }
            backoff.reset()
            let delay = backoff.next(.relay, since: .zero, using: &random)
            #expect(delay <= .milliseconds(500))
            backoff.reset()
        }
    }
}
