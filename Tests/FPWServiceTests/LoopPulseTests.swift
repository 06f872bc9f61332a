import FPWMetrics
@testable import FPWService
import Synchronization
import Testing

@Suite struct LoopPulseTests {
    private let loops = Loops(2)

    @Test("the last loop to answer says that all have")
    func all() {
        let rounds = Atomic(0)
        let pulse = loops.pulse
        pulse.ask { rounds.add(1, ordering: .relaxed) }
        loops.answer(0)
        #expect(rounds.load(ordering: .relaxed) == 0)
        loops.answer(1)
        #expect(rounds.load(ordering: .relaxed) == 1)
        #expect(pulse.lags == [.zero, .zero])
    }

    @Test("a loop that owes an answer is not asked again, and its answer ends both rounds")
    func stuck() {
        let answers = Locked<[String]>([])
        let pulse = loops.pulse
        pulse.ask { answers.withLock { $0.append("first") } }
        loops.answer(0)
        pulse.ask { answers.withLock { $0.append("second") } }
        #expect(loops.asked == [0, 1])
        loops.answer(1)
        #expect(answers.withLock { $0 } == ["second"])
        pulse.ask()
        #expect(loops.asked == [1, 1])
    }

    @Test("the lag is the time to the last answer, or since the question that is not answered")
    func lag() {
        let pulse = loops.pulse
        pulse.ask()
        loops.pass(.milliseconds(5))
        loops.answer(0)
        loops.pass(.milliseconds(20))
        #expect(pulse.lags == [.milliseconds(5), .milliseconds(25)])
        loops.answer(1)
        loops.pass(.seconds(1))
        #expect(pulse.lags == [.milliseconds(5), .milliseconds(25)])
    }

    @Test("reading the metric shows the last lag and asks anew")
    func metric() {
        let registry = MetricRegistry()
        loops.pulse.register("fpwd_event_loop_lag_seconds", in: registry)
        #expect(registry.snapshot().map { $0.series.map(\.value) } == [[.number(0), .number(0)]])
        #expect(loops.asked == [1, 1])
        loops.pass(.milliseconds(250))
        loops.answer(0)
        loops.answer(1)
        let text = MetricsFormat.prometheus.text(of: registry.snapshot())
        #expect(text.hasSuffix("seconds{loop=\"0\"} 0.25\nfpwd_event_loop_lag_seconds{loop=\"1\"} 0.25\n"))
    }
}

@Suite struct WatchdogTests {
    @Test("systemd hears twice in an interval that all loops live")
    func alive() async throws {
        let socket = try NotifySocket()
        let loops = Loops(1)
        let manager = ServiceManager(environment: socket.environment(watchdogMicroseconds: 20_000))
        let watchdog = Task { await Watchdog(manager, loops.pulse).run() }
        for _ in 0..<3 {
            #expect(await loops.isAsked(0))
            #expect(socket.receive() == "")
            loops.answer(0)
            #expect(await socket.next() == "WATCHDOG=1")
        }
        watchdog.cancel()
        await watchdog.value
    }

    @Test("where systemd does not watch, no loop is asked")
    func unwatched() async throws {
        let socket = try NotifySocket()
        let loops = Loops(1)
        let watchdog = Task {
            await Watchdog(ServiceManager(environment: socket.environment()), loops.pulse).run()
        }
        watchdog.cancel()
        await watchdog.value
        #expect(loops.asked == [0])
    }

    @Test("a status line is sent when it has changed")
    func status() throws {
        let socket = try NotifySocket()
        let line = StatusLine(ServiceManager(environment: socket.environment()))
        for text in ["one", "one", "two", "one"] { line.show(text) }
        #expect((0..<4).map { _ in socket.receive() } == ["STATUS=one", "STATUS=two", "STATUS=one", ""])
    }
}

/// Loops that answer when the test lets them, on a clock that the test moves.
private final class Loops: Sendable {
    private struct State {
        var questions: [[@Sendable () -> Void]]
        var now: SuspendingClock.Instant
        var waiting: CheckedContinuation<Bool, Never>?
    }

    private let state: Locked<State>

    init(_ count: Int) {
        state = Locked(State(questions: Array(repeating: [], count: count), now: .now))
    }

    var pulse: LoopPulse {
        LoopPulse(
            asked.indices.map { index in { answer in self.ask(index, answer) } },
            now: { self.state.withLock { $0.now } })
    }

    /// Questions that each loop has not answered.
    var asked: [Int] { state.withLock { $0.questions.map(\.count) } }

    func pass(_ time: Duration) { state.withLock { $0.now = $0.now.advanced(by: time) } }

    func answer(_ index: Int) {
        let question = state.withLock { $0.questions[index].isEmpty ? nil : $0.questions[index].removeFirst() }
        question?()
    }

    /// Waits for the first question.
    func isAsked(_ index: Int) async -> Bool {
        await withCheckedContinuation { continuation in
            let isAsked = state.withLock { state in
                if state.questions[index].isEmpty { state.waiting = continuation }
                return !state.questions[index].isEmpty
            }
            if isAsked { continuation.resume(returning: true) }
        }
    }

    private func ask(_ index: Int, _ answer: @escaping @Sendable () -> Void) {
        let waiting = state.withLock { state in
            state.questions[index].append(answer)
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(returning: true)
    }
}
