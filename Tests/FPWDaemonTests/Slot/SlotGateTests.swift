import FPWTransport
import TestSupport
import Testing

@testable import FPWDaemon

@Suite("Whether a slot may post")
struct SlotGateTests {
    private var random = SeededGenerator(seed: 5)
    private var gate = SlotGate()

    private static let error = LinkTrouble(.status(500), detail: "500")
    private static let broken = LinkTrouble(.broken, detail: "reset")

    private mutating func next(
        at seconds: Double = 0, stop: StopRequest = .none, carriesReply: Bool = false,
        link: SlotGate.Link = .post(isProbe: false)
    ) -> SlotGate.Step {
        gate.next(stop: stop, carriesReply: carriesReply, at: .at(seconds)) { _ in link }
    }

    @Test("it does what the link says")
    mutating func link() {
        #expect(next(link: .post(isProbe: true)) == .post(isProbe: true))
        #expect(next(link: .turn(at: .at(1))) == .pause(until: .at(1)))
        #expect(next(link: .starting(until: .at(1))) == .waitForLink(until: .at(1), isDown: false))
        #expect(next(link: .down(until: .at(1))) == .waitForLink(until: .at(1), isDown: true))
    }

    @Test("a stop ends it where it has nothing to send, and at once where it shall not")
    mutating func stop() {
        let drain = StopRequest.drain(since: .at(0))
        #expect(next(stop: drain) == .end)
        #expect(next(stop: drain, carriesReply: true) == .post(isProbe: false))
        #expect(next(stop: .now, carriesReply: true) == .end)
    }

    @Test("after trouble of its own it waits, and tells the link of it")
    mutating func trouble() {
        gate.failed(Self.error, pacesItself: true, at: .at(10), using: &random)
        guard case .pause(let until) = next(at: 10) else { return #expect(Bool(false), "it does not wait") }
        #expect(until > .at(10) && until <= .at(10.5))
        var told: Bool?
        _ = gate.next(stop: .none, carriesReply: false, at: until) { afterTrouble in
            told = afterTrouble
            return .post(isProbe: false)
        }
        #expect(told == true)
    }

    @Test("what it meets while the link is down is the link's to pace")
    mutating func linkIsDown() {
        gate.failed(Self.error, pacesItself: false, at: .at(10), using: &random)
        #expect(next(at: 10) == .post(isProbe: false))
    }

    @Test("it waits after trouble of the link's kind that leaves the link up, as after any other")
    mutating func late() {
        let refused = LinkTrouble(.refused, detail: "403")
        gate.failed(refused, pacesItself: true, at: .at(10), using: &random)
        guard case .pause(let until) = next(at: 10) else { return #expect(Bool(false), "it does not wait") }
        #expect(until > .at(10) && until <= .at(10.5))
    }

    @Test("slots come back within a second of the link, whatever they had met before")
    mutating func back() {
        for second in 0..<8 { gate.failed(Self.error, pacesItself: true, at: .at(Double(second)), using: &random) }
        _ = next(at: 8, link: .down(until: .at(20)))
        gate.linkReturned(since: .at(10), at: .at(10), using: &random)
        if case .pause(let until) = next(at: 10) { #expect(until <= .at(11)) }
        #expect(next(at: 11) == .post(isProbe: false))
    }

    @Test("what it has met since the link is back still counts")
    mutating func metSince() {
        gate.failed(
            LinkTrouble(.status(503), detail: "503", retryAfter: .seconds(5)), pacesItself: true, at: .at(10),
            using: &random)
        _ = next(at: 10)
        gate.linkReturned(since: .at(10), at: .at(10), using: &random)
        #expect(next(at: 14) == .pause(until: .at(15)))
    }

    @Test("of many that open their polls anew one does at once, the others within a second")
    mutating func reopening() {
        let moments = SlotGate.reopening(100, from: .at(10), using: &random)
        #expect(moments.count == 100)
        #expect(moments.first == .at(10))
        #expect(moments.allSatisfy { $0 >= .at(10) && $0 <= .at(11) })
        #expect(Set(moments).count == 100)
        #expect(SlotGate.reopening(0, from: .at(10), using: &random).isEmpty)
    }

    @Test("a reply goes as soon as the link is back")
    mutating func reply() {
        for second in 0..<8 { gate.failed(Self.broken, pacesItself: true, at: .at(Double(second)), using: &random) }
        _ = next(at: 8, carriesReply: true, link: .down(until: .at(20)))
        gate.linkReturned(since: .at(10), at: .at(10), using: &random)
        #expect(next(at: 10, carriesReply: true) == .post(isProbe: false))
    }

    @Test("a slot that is not waiting is not held back when the link returns")
    mutating func posting() {
        _ = next()
        gate.linkReturned(since: .at(1), at: .at(1), using: &random)
        #expect(next(at: 1) == .post(isProbe: false))
    }

    @Test("out of descriptors it tries again within a second, and takes no turn of the process's")
    mutating func exhausted() {
        let trouble = LinkTrouble(TransferFailure(.resources, detail: "out of file descriptors"))
        for second in 0..<60 { gate.failed(trouble, pacesItself: true, at: .at(Double(second)), using: &random) }
        var told: Bool?
        let step = gate.next(stop: .none, carriesReply: false, at: .at(60)) { afterTrouble in
            told = afterTrouble
            return .post(isProbe: false)
        }
        #expect(step == .post(isProbe: false))
        #expect(told == false)
    }
}
