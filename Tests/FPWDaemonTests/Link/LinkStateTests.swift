import FPWProtocol
import FPWTransport
import TestSupport
import Testing

@testable import FPWDaemon

@Suite("A tunnel's link")
struct LinkStateTests {
    private let a = SlotID()
    private let b = SlotID()
    private let c = SlotID()
    private let link = Link()

    static let unreachable = LinkTrouble(.unreachable(.connect), detail: "refused")
    static let refused = LinkTrouble(.refused, detail: "403")
    static let broken = LinkTrouble(.broken, detail: "reset")
    static let error = LinkTrouble(.status(500), detail: "500")

    @Test("at the start one slot asks and the others wait for it")
    func start() {
        #expect(link.admit(a, at: 0) == .post(isProbe: true))
        #expect(link.admit(b, at: 1) == .wait(until: .at(3)))
        #expect(link.phase == .starting)
        #expect(!link.isUp)
    }

    @Test("a good answer opens the link to all")
    func opens() {
        _ = link.admit(a, at: 0)
        #expect(link.opened(a, at: 1) == .cameUp(after: nil))
        #expect(link.admit(b, at: 1) == .post(isProbe: false))
        #expect(link.opened(b, at: 2) == nil)
        #expect(link.isUp)
    }

    @Test("a second slot may ask when the first has waited for three seconds, a third may not")
    func secondProbe() {
        _ = link.admit(a, at: 0)
        #expect(link.admit(b, at: 2.9) == .wait(until: .at(3)))
        #expect(link.admit(b, at: 3) == .post(isProbe: true))
        #expect(link.admit(c, at: 10) == .wait(until: .at(13)))
    }

    @Test("a probe that is given up makes room for another at once")
    func abandoned() {
        _ = link.admit(a, at: 0)
        link.abandoned(a)
        #expect(link.admit(b, at: 0) == .post(isProbe: true))
    }

    @Test(
        "what is of the link brings it down at once, what is a slot's own after three in a row",
        arguments: [
            (unreachable, 1), (refused, 1), (LinkTrouble(.redirected, detail: "301"), 1),
            (LinkTrouble(.leaving, detail: "503"), 1), (broken, 3), (error, 3),
            (LinkTrouble(.noPoll, detail: "hello"), 3),
        ])
    func down(trouble: LinkTrouble, after count: Int) {
        link.bringUp(by: a)
        for _ in 1..<count { #expect(link.failed(b, trouble, at: 1) == nil) }
        #expect(link.isUp)
        #expect(link.failed(c, trouble, at: 1) == .wentDown(trouble))
        #expect(link.trouble == trouble)
        #expect(link.phase == .down(trouble))
    }

    @Test("a good answer between failures starts their count anew")
    func countsInARow() {
        link.bringUp(by: a)
        for _ in 0..<5 {
            _ = link.failed(b, Self.broken, at: 1)
            _ = link.failed(c, Self.broken, at: 1)
            #expect(link.opened(a, at: 1) == nil)
        }
        #expect(link.isUp)
    }

    @Test("while the link is down, what a slot that does not probe meets changes nothing")
    func straggler() {
        link.bringUp(by: a)
        _ = link.failed(a, Self.unreachable, at: 1)
        let next = link.admit(b, at: 1)
        #expect(link.failed(c, Self.refused, at: 2) == nil)
        #expect(link.trouble == Self.unreachable)
        #expect(link.admit(b, at: 1) == next)
    }

    @Test("a straggler's good answer opens the link again, and tells for how long it was down")
    func comesBack() {
        link.bringUp(by: a)
        _ = link.failed(a, Self.unreachable, at: 10)
        #expect(link.opened(c, at: 14) == .cameUp(after: .seconds(4)))
    }

    @Test(
        "while the relay goes down, what it answers to a POST of before opens nothing; a later POST and a probe do",
        arguments: [(9.0, false, false), (9.0, true, true), (10.0, false, true), (11.0, false, true)])
    func leaving(postedAt: Double, isProbe: Bool, opens: Bool) {
        link.bringUp(by: a)
        _ = link.failed(a, LinkTrouble(.leaving, detail: "503"), at: 10)
        if isProbe { #expect(link.admit(c, at: 13) == .post(isProbe: true)) }
        let event = link.opened(c, postedAt: postedAt, at: 14)
        #expect(event == (opens ? .cameUp(after: .seconds(4)) : nil))
        #expect(link.isUp == opens)
    }

    @Test(
        "a poll of before that a relay in trouble lets go opens nothing; where the way was broken it shows that it is not",
        arguments: [(error, false), (LinkTrouble(.noPoll, detail: "204"), false), (broken, true), (unreachable, true)])
    func pollOfBefore(trouble: LinkTrouble, opens: Bool) {
        link.bringUp(by: a)
        for _ in 0..<3 where link.isUp { _ = link.failed(a, trouble, at: 10) }
        #expect(!link.isUp)
        _ = link.opened(c, postedAt: 9, at: 14)
        #expect(link.isUp == opens)
    }

    @Test("the same trouble again is told as such, with how long it has lasted; another one is news")
    func repetition() {
        link.bringUp(by: a)
        _ = link.failed(a, Self.refused, at: 10)
        #expect(link.admit(b, at: 70) == .post(isProbe: true))
        #expect(link.failed(b, Self.refused, at: 71) == .stillDown(Self.refused, since: .seconds(61)))
        #expect(link.admit(b, at: 131) == .post(isProbe: true))
        #expect(link.failed(b, Self.unreachable, at: 132) == .wentDown(Self.unreachable))
    }

    @Test("a refused tunnel is tried again after a minute, and not before")
    func refusal() {
        _ = link.admit(a, at: 0)
        _ = link.failed(a, Self.refused, at: 1)
        #expect(link.admit(b, at: 1) == .wait(until: .at(61)))
        #expect(link.admit(b, at: 60.9) == .wait(until: .at(61)))
        #expect(link.admit(b, at: 61) == .post(isProbe: true))
    }

    @Test("a second probe heeds the pace that the first one's failure set")
    func secondProbeWaits() {
        _ = link.admit(a, at: 0)
        _ = link.admit(b, at: 3)
        _ = link.failed(a, Self.refused, at: 4)
        #expect(link.admit(c, at: 6) == .wait(until: .at(64)))
        #expect(link.admit(c, at: 64) == .post(isProbe: true))
    }

    @Test("what the relay asks for is waited for, whatever the dice say")
    func retryAfter() {
        _ = link.admit(a, at: 0)
        _ = link.failed(a, LinkTrouble(.status(503), detail: "503", retryAfter: .seconds(20)), at: 0)
        #expect(link.admit(b, at: 1) == .wait(until: .at(20)))
    }

    @Test("a link that fails as soon as it is up is tried more and more slowly; one that held for ten seconds is not")
    func flapping() {
        #expect(longestPause(upFor: 0) > .seconds(2))
        #expect(longestPause(upFor: 10) <= .milliseconds(500))
    }

    /// The longest pause after eight times of coming up and going down, over many seeds.
    private func longestPause(upFor seconds: Double) -> Duration {
        (0..<100).map { seed in
            var random = SeededGenerator(seed: UInt64(seed))
            var link = LinkState(now: .at(0))
            var now = Moment.at(0)
            var pause = Duration.zero
            for _ in 0..<8 {
                _ = link.opened(a, at: now)
                now = now + .nanoseconds(Int64(seconds * 1_000_000_000))
                _ = link.failed(b, Self.unreachable, at: now, using: &random)
                guard case .wait(let until) = link.admit(c, at: now) else { continue }
                pause = until - now
                now = until
            }
            return pause
        }.max() ?? .zero
    }
}

/// A link, in seconds.
private final class Link {
    private var state = LinkState(now: .at(0))
    private var random = SeededGenerator(seed: 1)

    var isUp: Bool { state.isUp }
    var phase: LinkState.Phase { state.phase }
    var trouble: LinkTrouble? { state.trouble }

    func admit(_ slot: SlotID, at seconds: Double) -> LinkState.Admission { state.admit(slot, at: .at(seconds)) }

    func opened(_ slot: SlotID, postedAt: Double? = nil, at seconds: Double) -> LinkState.Event? {
        state.opened(slot, postedAt: postedAt.map { .at($0) }, at: .at(seconds))
    }

    func abandoned(_ slot: SlotID) { state.abandoned(slot) }

    func failed(_ slot: SlotID, _ trouble: LinkTrouble, at seconds: Double) -> LinkState.Event? {
        state.failed(slot, trouble, at: .at(seconds), using: &random)
    }

    func bringUp(by slot: SlotID) {
        _ = admit(slot, at: 0)
        _ = opened(slot, at: 0)
    }
}
