import FPWProtocol
import FPWTransport
import TestSupport
import Testing

@testable import FPWDaemon

@Suite("A link's tries")
struct LinkTriesTests {
    private let a = SlotID()
    private let b = SlotID()
    private var link = LinkState(now: .at(0))
    private var random = SeededGenerator(seed: 1)

    private mutating func bringUp(at seconds: Double) {
        _ = link.opened(a, at: .at(seconds))
    }

    private mutating func fail(
        _ trouble: LinkTrouble = LinkStateTests.unreachable, postedAt: Double? = nil, at seconds: Double
    ) -> LinkState.Event? {
        link.failed(a, trouble, postedAt: postedAt.map(Moment.at), at: .at(seconds), using: &random)
    }

    @Test("a probe waits for its turn, which stays its own whichever slot asks")
    mutating func probesTurn() {
        bringUp(at: 0)
        _ = fail(at: 100)
        #expect(link.admit(a, at: .at(101)) { .at(105) } == .wait(until: .at(105)))
        #expect(link.admit(b, at: .at(102)) { .at(109) } == .wait(until: .at(105)))
        #expect(link.admit(b, at: .at(105)) { .at(109) } == .post(isProbe: true))
    }

    @Test("a tunnel's first try is counted and does not wait")
    mutating func firstTry() {
        var turns = 0
        let admission = link.admit(a, at: .at(0)) {
            turns += 1
            return .at(9)
        }
        #expect(admission == .post(isProbe: true))
        #expect(turns == 1)
    }

    @Test("in a link that is up only a slot after trouble waits for its turn")
    mutating func slotsTurn() {
        bringUp(at: 0)
        #expect(link.admit(a, at: .at(1)) { .at(5) } == .post(isProbe: false))
        #expect(link.admit(a, afterTrouble: true, at: .at(1)) { .at(5) } == .turn(at: .at(5)))
        #expect(link.admit(b, afterTrouble: true, at: .at(2)) { .at(6) } == .turn(at: .at(6)))
        #expect(link.admit(a, afterTrouble: true, at: .at(5)) { .at(9) } == .post(isProbe: false))
    }

    @Test("a relay that refuses polls is brought the replies to what it handed over, which opens nothing")
    mutating func refusedRelay() {
        bringUp(at: 0)
        _ = link.failed(a, LinkStateTests.refused, at: .at(1), using: &random)
        #expect(link.admit(b, bringsReply: true, at: .at(2)) == .post(isProbe: false))
        #expect(link.opened(b, at: .at(3)) == nil)
        #expect(link.trouble == LinkStateTests.refused)
        #expect(link.admit(b, at: .at(3)) == .wait(until: .at(61)))
    }

    @Test(
        "only to a relay that cannot be reached, or is elsewhere, a new reply is not brought while the link is down",
        arguments: [
            (LinkTrouble.Kind.refused, true), (.leaving, true), (.status(503), true), (.noPoll, true), (.broken, true),
            (.unreachable(.connect), false), (.redirected, false),
        ])
    mutating func replies(kind: LinkTrouble.Kind, goes: Bool) {
        bringUp(at: 0)
        for _ in 0..<3 { _ = fail(LinkTrouble(kind, detail: ""), at: 1) }
        let isPosted = link.admit(b, bringsReply: true, at: .at(1)) == .post(isProbe: false)
        #expect(isPosted == goes)
        let isPostedAgain = link.admit(b, carriesReply: true, at: .at(1)) == .post(isProbe: false)
        #expect(
            isPostedAgain == (kind == .leaving),
            "one that was sent before goes to a relay alone that takes replies to its end")
        #expect(link.admit(b, at: .at(1)) != .post(isProbe: false))
    }

    @Test("a relay that says that it goes down and is back within ten seconds is told of once")
    mutating func restart() {
        let leaving = LinkTrouble(.leaving, detail: "the relay is going down", retryAfter: .seconds(1))
        bringUp(at: 0)
        #expect(fail(leaving, at: 100) == .wentDown(leaving))
        for (second, event) in [
            (105.0, LinkState.Event.stillDown(LinkStateTests.unreachable, since: .seconds(5))),
            (111, .wentDown(LinkStateTests.unreachable)),
            (120, .stillDown(LinkStateTests.unreachable, since: .seconds(20))),
        ] {
            #expect(link.admit(a, at: .at(second)) == .post(isProbe: true))
            #expect(fail(at: second) == event)
        }
        #expect(link.opened(a, at: .at(130)) == .cameUp(after: .seconds(30)))
        #expect(fail(at: 140) == .wentDown(LinkStateTests.unreachable))
    }

    @Test("probes are a second apart, whatever the dice say", arguments: 0..<200)
    mutating func pace(seed: Int) {
        random = SeededGenerator(seed: UInt64(seed))
        var last: Moment?
        var now = Moment.at(0)
        for _ in 0..<10 {
            if case .wait(let until) = link.admit(a, at: now) { now = until }
            #expect(last.map { $0 + .seconds(1) <= now } ?? true)
            _ = link.admit(a, at: now)
            last = now
            _ = link.failed(a, LinkStateTests.unreachable, at: now, using: &random)
        }
    }

    @Test("a POST from before the outage that fails after it says nothing about the link")
    mutating func late() {
        bringUp(at: 0)
        _ = fail(at: 10)
        _ = link.opened(b, at: .at(12))
        #expect(fail(postedAt: 8, at: 13) == nil)
        #expect(link.isUp)
        #expect(fail(postedAt: 12, at: 14) == .wentDown(LinkStateTests.unreachable))
    }

    @Test("what this machine lacks never brings the link down, however often")
    mutating func exhausted() {
        bringUp(at: 0)
        for second in 1..<10 {
            #expect(fail(LinkTrouble(TransferFailure(.resources, detail: "no")), at: Double(second)) == nil)
        }
        #expect(fail(LinkStateTests.broken, at: 10) == nil)
        #expect(link.isUp)
    }

    @Test("a new way is tried at once, but not where the relay itself asked to wait")
    mutating func redial() {
        bringUp(at: 0)
        for second in [100.0, 101.5, 104, 108, 112] {
            _ = fail(at: second)
            link.redial(at: .at(second + 1))
            #expect(link.admit(a, at: .at(second + 1)) == .post(isProbe: true))
        }
        _ = fail(LinkStateTests.refused, at: 200)
        link.redial(at: .at(201))
        #expect(link.admit(a, at: .at(201)) == .wait(until: .at(260)))
    }
}
