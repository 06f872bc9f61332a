import FPWTransport
import TestSupport
import Testing

@testable import FPWDaemon

@Suite("A slot's own backoff")
struct SlotBackoffTests {
    private var random = SeededGenerator(seed: 3)
    private var backoff = SlotBackoff()

    private static let broken = LinkTrouble(.broken, detail: "reset")
    private static let error = LinkTrouble(.status(500), detail: "500")

    @Test("a fresh slot may post at once")
    func fresh() { #expect(backoff.notBefore <= .at(0)) }

    @Test("the first broken connection is no reason to wait, the second is")
    mutating func firstBreak() {
        backoff.failed(Self.broken, at: .at(10), using: &random)
        #expect(backoff.notBefore <= .at(10))
        backoff.failed(Self.broken, at: .at(20), using: &random)
        #expect(backoff.notBefore > .at(20) && backoff.notBefore <= .at(20.5))
    }

    @Test("an error status is a reason the first time")
    mutating func error() {
        backoff.failed(Self.error, at: .at(10), using: &random)
        #expect(backoff.notBefore > .at(10) && backoff.notBefore <= .at(10.5))
    }

    @Test("what the relay asks for is the least that is waited")
    mutating func retryAfter() {
        let trouble = LinkTrouble(.status(503), detail: "503", retryAfter: .seconds(20))
        backoff.failed(trouble, at: .at(10), using: &random)
        #expect(backoff.notBefore == .at(30))
    }

    @Test("a good answer starts anew: a broken connection is free again, and the bound is the first")
    mutating func success() {
        for second in 0..<9 { backoff.failed(Self.error, at: .at(Double(second)), using: &random) }
        backoff.succeeded()
        backoff.failed(Self.error, at: .at(100), using: &random)
        #expect(backoff.notBefore <= .at(100.5))
        backoff.succeeded()
        backoff.failed(Self.broken, at: .at(200), using: &random)
        #expect(backoff.notBefore <= .at(200))
    }

    @Test("holding back never shortens a wait")
    mutating func hold() {
        backoff.hold(until: .at(5))
        backoff.hold(until: .at(3))
        #expect(backoff.notBefore == .at(5))
    }
}
