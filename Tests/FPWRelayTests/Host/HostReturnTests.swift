import FPWProtocol
import NIOCore
import Testing

@testable import FPWRelay

@Suite("a slot that polls without a reply")
struct HostReturnTests {
    var host = Machine.make()
    let id = VisitID()
    let visitor = Party("visitor")
    let poll = Party("poll")
    let reply = Party("reply")

    private mutating func handOver() {
        host.handOver(visitor, id: id, to: poll)
    }

    @Test("has given its visit up")
    mutating func polls() {
        handOver()
        #expect(host.slotReturned(.second).isEmpty)
        #expect(host.slotReturned(.first).map(text) == ["visitor: poll knows"])
        #expect(host.slotReturned(.first).isEmpty, "the visit is being decided")
        #expect(text(host.redeliver(id, from: nil, at: .at(1))) == "waits")
        #expect(host.slotReturned(.first).isEmpty)
    }

    @Test("never got a visit of which that was in doubt, unless a reply to it had begun", arguments: [true, false])
    mutating func inDoubt(replies: Bool) {
        handOver()
        host.connectionLost(id, of: poll, isInDoubt: true, at: .at(1))
        if replies {
            _ = host.replyBegan(id, by: reply, slot: .first, isResend: false, at: .at(1))
            _ = host.replyBroke(id, by: reply, at: .at(1))
        }
        #expect(host.slotReturned(.first).map(text) == ["visitor: \(replies ? "seen" : "unseen")"])
    }

    @Test("sends no reply again that breaks later: its visit is decided at once")
    mutating func beforeTheBreak() {
        handOver()
        _ = host.replyBegan(id, by: reply, slot: .first, isResend: false, at: .at(1))
        #expect(host.slotReturned(.first).isEmpty)
        #expect(host.replyBroke(id, by: reply, at: .at(2)) === visitor)
        #expect(text(host.sweep(at: .at(1000))) == [])
        #expect(text(host.redeliver(id, from: nil, at: .at(2))) == "waits")
    }
}
