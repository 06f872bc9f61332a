import FPWProtocol
import NIOCore
import Testing

@testable import FPWRelay

@Suite("a host is there from a slot's hello on")
struct HostPresenceTests {
    var host = Machine.make()
    let id = VisitID()
    let visitor = Party("visitor")
    let poll = Party("poll")

    @Test("a visitor who comes right after a slot's hello waits for its first poll, a quarter of a second at the most")
    mutating func greeting() {
        #expect(host.slotGreeted(at: .at(0)) == .milliseconds(250))
        #expect(text(host.visitorArrived(Party("early"), id: id, loop: 0, at: .at(0))) == "waits")
        #expect(host.presenceChange(at: .at(0)) == nil, "a hello is no slot")
        #expect(text(host.sweep(at: .at(0) + .milliseconds(249))) == [])
        #expect(text(host.sweep(at: .at(0) + .milliseconds(250))) == ["fail early: no-slot"])
        #expect(text(host.visitorArrived(visitor, id: VisitID(), loop: 0, at: .at(1))) == "refused: no-slot")
    }

    @Test("a visitor who waited for the first poll is handed to it")
    mutating func greetingKept() {
        _ = host.slotGreeted(at: .at(0))
        _ = host.visitorArrived(Party("early"), id: id, loop: 0, at: .at(0))
        #expect(text(host.pollEnded(poll, slot: .first, loop: 0, at: .at(0) + .milliseconds(1))) == "takes early")
    }

    @Test("presence changes are told once each way")
    mutating func presence() {
        #expect(host.presenceChange(at: .at(0)) == nil)
        _ = host.pollEnded(poll, slot: .first, loop: 0, at: .at(0))
        #expect(host.presenceChange(at: .at(0)) == .online)
        #expect(host.presenceChange(at: .at(1)) == nil)
        host.pollClosed(poll, loop: 0)
        #expect(host.presenceChange(at: .at(2)) == .offline)
        #expect(host.isForgettable)
    }
}
