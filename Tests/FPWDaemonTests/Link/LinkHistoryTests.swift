import FPWProtocol
import FPWTransport
import TestSupport
import Testing

@testable import FPWDaemon

@Suite("A link's random histories")
struct LinkHistoryTests {
    @Test(
        "never more than two probe, all probes are given back, nobody spins, and a minute has at most 60 tries",
        arguments: 0..<100)
    func history(seed: Int) {
        var history = History(seed: UInt64(seed))
        for _ in 0..<3000 { history.step() }
        history.end()
    }
}

/// Plays slots against a link, with a relay that changes its mind, and keeps books of its own.
private struct History {
    private enum Activity {
        case free
        case posting(isProbe: Bool, end: End)
    }

    private enum End { case answered, refused, unreachable, broken, stopped }

    private var random: SeededGenerator
    private var link = LinkState(now: .at(0))
    private var now = Moment.at(0)
    private var slots = (0..<6).map { _ in (id: SlotID(), next: Moment.at(0), activity: Activity.free) }
    /// What the relay does at present, to all alike, and how long it takes.
    private var mood = (end: End.answered, longest: Duration.zero)
    private var probes: [SlotID: Moment] = [:]
    private var tries: [Moment] = []
    private var isUp = false

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func step() {
        if Int.random(in: 0..<100, using: &random) == 0 { changeMood() }
        guard let index = slots.indices.min(by: { slots[$0].next < slots[$1].next }) else { return }
        now = max(now, slots[index].next)
        switch slots[index].activity {
        case .free: admit(index)
        case .posting(let isProbe, let end): self.end(index, isProbe, end)
        }
    }

    /// When all slots have given up, the next one is admitted within the longest pause.
    mutating func end() {
        for slot in slots { link.abandoned(slot.id) }
        guard case .wait(let until) = link.admit(SlotID(), at: now) else { return }
        #expect(until <= now + .seconds(60))
        guard case .post = link.admit(SlotID(), at: until) else {
            Issue.record("a probe was never given back")
            return
        }
    }

    private mutating func changeMood() {
        let longest: [Int64] = [0, 10, 2000, 8000]
        mood = (
            [End.answered, .refused, .unreachable, .broken].randomElement(using: &random) ?? .answered,
            .milliseconds(longest.randomElement(using: &random) ?? 0)
        )
    }

    private mutating func admit(_ index: Int) {
        let slot = slots[index].id
        switch link.admit(slot, at: now) {
        case .wait(let until), .turn(let until):
            #expect(until > now, "a slot spins")
            #expect(!isUp, "a slot waits although the link is up")
            slots[index].next = until
        case .post(let isProbe):
            #expect(isProbe != isUp, "only probes post while the link is down")
            if isProbe { startProbe(slot) }
            let isStopped = Int.random(in: 0..<50, using: &random) == 0
            slots[index].activity = .posting(isProbe: isProbe, end: isStopped ? .stopped : mood.end)
            slots[index].next = now + .nanoseconds(Int64.random(in: 0...mood.longest.nanoseconds, using: &random))
        }
    }

    private mutating func startProbe(_ slot: SlotID) {
        if let oldest = probes.values.min() { #expect(oldest + .seconds(3) <= now, "the second probe came too early") }
        probes[slot] = now
        #expect(probes.count <= 2)
        tries = tries.filter { $0 > now - .seconds(60) } + [now]
        #expect(tries.count <= 60)
    }

    private mutating func end(_ index: Int, _ isProbe: Bool, _ end: End) {
        let slot = slots[index].id
        probes[slot] = nil
        slots[index].activity = .free
        switch end {
        case .answered: note(link.opened(slot, at: now))
        case .refused: note(link.failed(slot, LinkStateTests.refused, at: now, using: &random))
        case .unreachable: note(link.failed(slot, LinkStateTests.unreachable, at: now, using: &random))
        case .broken: note(link.failed(slot, LinkStateTests.broken, at: now, using: &random))
        case .stopped:
            link.abandoned(slot)
            slots[index].id = SlotID()
        }
        // A slot that goes on at once in a link that is up would be this test's own spinning.
        slots[index].next = isUp ? now + .milliseconds(Int64.random(in: 1...500, using: &random)) : now
    }

    private mutating func note(_ event: LinkState.Event?) {
        switch event {
        case nil: break
        case .cameUp:
            #expect(!isUp, "the link came up twice")
            isUp = true
            // Nobody is a probe any more.
            probes = [:]
        case .wentDown: isUp = false
        case .stillDown: #expect(!isUp, "the link is still down although it was up")
        }
        #expect(link.isUp == isUp)
    }
}

extension Moment {
    fileprivate static func - (moment: Moment, duration: Duration) -> Moment {
        Moment(nanoseconds: moment.nanoseconds - duration.nanoseconds)
    }
}
