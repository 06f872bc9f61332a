import FPWTransport
import Testing

@testable import FPWDaemon

@Suite("What a POST waits for")
struct PostWatchTests {
    private let watch = Watch(pollTimeout: 200)

    private func progress(
        answered: Bool = false, running: Bool = true, sent: Double? = nil, unread: Double? = nil, moved: Double = 0
    ) -> PostWatch.Progress {
        PostWatch.Progress(
            isAnswered: answered, isRunning: running, sentAt: sent.map(Moment.at), unreadAt: unread.map(Moment.at),
            progressAt: .at(moved))
    }

    @Test("while it goes out, for its end, as long as bytes move")
    func uploading() {
        #expect(watch.next(progress(moved: 10), stop: .none, at: 20) == .wait(until: .at(310)))
        #expect(watch.next(progress(moved: 309), stop: .none, at: 310) == .wait(until: .at(609)))
        #expect(watch.next(progress(moved: 309), stop: .none, at: 609) == .timedOut)
    }

    @Test("when it is out: to be assumed open after 1 s, to be delivered after 5 s, then for the poll's end")
    func parked() {
        let parked = progress(sent: 10)
        let steps: [(Double, PostWatch.Step)] = [
            (10, .sent), (10, .wait(until: .at(11))), (11, .assumeOpen), (11, .wait(until: .at(15))),
            (14.9, .wait(until: .at(15))), (15, .delivered), (15, .wait(until: .at(210))),
            (209.9, .wait(until: .at(210))), (210, .timedOut),
        ]
        for (time, step) in steps { #expect(watch.next(parked, stop: .none, at: time) == step) }
    }

    @Test("the poll begins when the relay has read what came with it, for which it has idle_timeout")
    func unread() {
        let steps = [(10.0, 8.0), (14, 13), (20, 18), (209, 208), (309, 308), (509, 508), (510, 508)].map {
            watch.next(progress(sent: 10, unread: $1), stop: .none, at: $0)
        }
        #expect(
            steps == [
                .sent, .assumeOpen, .wait(until: .at(23)), .wait(until: .at(213)), .wait(until: .at(313)), .delivered,
                .timedOut,
            ])
    }

    @Test("a parked poll is opened anew when its turn has come, one that still goes out is not")
    func reopening() {
        var watch = PostWatch(idleTimeout: .seconds(300), pollTimeout: .seconds(200), relayDrains: true)
        watch.reopensAt = .at(2.5)
        #expect(watch.next(progress(), stop: .none, at: .at(1)) == .wait(until: .at(300)))
        #expect(watch.next(progress(sent: 2), stop: .none, at: .at(2)) == .sent)
        #expect(watch.next(progress(sent: 2), stop: .none, at: .at(2)) == .wait(until: .at(2.5)))
        #expect(watch.next(progress(sent: 2), stop: .drain(since: .at(2)), at: .at(2.5)) == .drain)
        #expect(watch.next(progress(answered: true, sent: 2), stop: .none, at: .at(2.5)) == .answered)
        #expect(watch.next(progress(sent: 2), stop: .none, at: .at(2.5)) == .reopen)
    }

    @Test("its reply is delivered when it was held for as long as is asked")
    func deliveredLater() {
        var watch = PostWatch(
            idleTimeout: .seconds(300), pollTimeout: .seconds(200), deliveredAfter: .seconds(25), relayDrains: false)
        let steps = [10, 11, 11, 34.9, 35].map { watch.next(progress(sent: 10), stop: .none, at: .at($0)) }
        #expect(steps == [.sent, .assumeOpen, .wait(until: .at(35)), .wait(until: .at(35)), .delivered])
    }

    @Test("one that is looked at late still says all its steps")
    func late() {
        let parked = progress(sent: 10)
        let steps: [PostWatch.Step] = [.sent, .assumeOpen, .delivered, .wait(until: .at(210))]
        for step in steps { #expect(watch.next(parked, stop: .none, at: 100) == step) }
    }

    @Test("a poll_timeout shorter than the other deadlines comes first", arguments: [0.5, 3])
    func shortPoll(seconds: Double) {
        let watch = Watch(pollTimeout: seconds)
        var steps: [PostWatch.Step] = []
        for time in [0.0, 0, 1, 1] { steps.append(watch.next(progress(sent: 0), stop: .none, at: time)) }
        #expect(
            steps
                == (seconds < 1
                    ? [.sent, .wait(until: .at(0.5)), .timedOut, .timedOut]
                    : [.sent, .wait(until: .at(1)), .assumeOpen, .wait(until: .at(3))]))
    }

    @Test(
        "an answer counts, whatever else there is; without one the end is a failure",
        arguments: [nil, 10.0], [StopRequest.none, .drain(since: .at(11))])
    func ended(sent: Double?, stop: StopRequest) {
        #expect(watch.next(progress(answered: true, sent: sent), stop: stop, at: 9999) == .answered)
        #expect(watch.next(progress(answered: true, running: false, sent: sent), stop: stop, at: 9999) == .answered)
        #expect(watch.next(progress(running: false, sent: sent), stop: stop, at: 12) == .failed)
    }

    @Test(
        "told to stop now it closes, whatever state it is in, but reads an answer that is there",
        arguments: [true, false], [nil, 10.0])
    func stopNow(running: Bool, sent: Double?) {
        watch.relayDrains = true
        #expect(watch.next(progress(running: running, sent: sent), stop: .now, at: 11) == .close)
        #expect(watch.next(progress(answered: true, running: running, sent: sent), stop: .now, at: 11) == .answered)
    }

    @Test(
        "told to drain at a relay that cannot, it stays open for a second after the reply went out",
        arguments: [(sent: 10.0, since: 20.0, end: 21.0), (20, 10, 21)])
    func closing(sent: Double, since: Double, end: Double) {
        let stop = StopRequest.drain(since: .at(since))
        #expect(watch.next(progress(sent: sent), stop: stop, at: 20) == .sent)
        #expect(watch.next(progress(sent: sent), stop: stop, at: 20) == .wait(until: .at(end)))
        #expect(watch.next(progress(sent: sent), stop: stop, at: end) == .close)
    }

    @Test("told to drain while the reply goes out, it lets it go out")
    func drainWhileSending() {
        let stop = StopRequest.drain(since: .at(0))
        #expect(watch.next(progress(moved: 5), stop: stop, at: 6) == .wait(until: .at(305)))
    }

    @Test("told to drain at a relay that can, it asks once, and waits for the poll's answer")
    func draining() {
        watch.relayDrains = true
        let stop = StopRequest.drain(since: .at(20))
        let steps: [PostWatch.Step] = [.sent, .drain, .wait(until: .distantFuture), .wait(until: .distantFuture)]
        for step in steps { #expect(watch.next(progress(sent: 10), stop: stop, at: 9999) == step) }
    }

    @Test("told to drain while its connection is probably dead, it waits no longer than a second for the answer")
    func drainingInVain() {
        var watch = PostWatch(idleTimeout: .seconds(300), pollTimeout: .seconds(200), relayDrains: true)
        watch.reopensAt = .at(21)
        let steps = [20, 20, 20, 21].map {
            watch.next(progress(sent: 10), stop: .drain(since: .at(20)), at: .at($0))
        }
        #expect(steps == [.sent, .drain, .wait(until: .at(21)), .close])
    }

    @Test("where asking to drain failed, it closes like at any other relay")
    func drainFailed() {
        watch.relayDrains = true
        let stop = StopRequest.drain(since: .at(20))
        for _ in 0..<3 { _ = watch.next(progress(sent: 10), stop: stop, at: 20) }
        watch.relayDrains = false
        #expect(watch.next(progress(sent: 10), stop: stop, at: 20.5) == .wait(until: .at(21)))
        #expect(watch.next(progress(sent: 10), stop: stop, at: 21) == .close)
    }
}

/// A watch, in seconds.
private final class Watch {
    private var watch: PostWatch

    init(pollTimeout: Double) {
        watch = PostWatch(
            idleTimeout: .seconds(300), pollTimeout: .milliseconds(Int64(pollTimeout * 1000)), relayDrains: false)
    }

    var relayDrains: Bool {
        get { watch.relayDrains }
        set { watch.relayDrains = newValue }
    }

    func next(_ progress: PostWatch.Progress, stop: StopRequest, at seconds: Double) -> PostWatch.Step {
        watch.next(progress, stop: stop, at: .at(seconds))
    }
}
