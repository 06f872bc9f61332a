import Testing

@testable import FPWRelay

@Suite("a relay that goes down")
struct GoingDownTests {
    let relay = RelayFixture()

    @Test("refuses visitors, dismisses polls, and still takes replies")
    func goingDown() throws {
        let idle = try relay.slot()
        let slot = try relay.slot()
        let visitor = try relay.visitor()
        let id = try slot.visitID()
        relay.relay.goDown()
        let dismissed = idle.received()
        #expect(dismissed.hasPrefix("HTTP/1.1 503 ") && dismissed.contains("\r\nretry-after: 1\r\n"))
        let late = try relay.visitor().received()
        #expect(late.hasPrefix("HTTP/1.1 503 ") && late.contains("\r\nretry-after: 2\r\n"))
        try slot.reply(to: id, body: "whole")
        #expect(visitor.received() == "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nwhole")
        let taken = slot.received()
        #expect(taken.hasPrefix("HTTP/1.1 204 "), "a 503 would say that the reply was not taken")
        #expect(taken.contains("\r\nretry-after: 1\r\n"))
    }

    @Test("says so too to a slot whose reply nobody waits for")
    func lateReply() throws {
        let slot = try relay.slot()
        _ = try relay.visitor()
        let id = try slot.visitID()
        try slot.reply(to: id, body: "whole")
        relay.relay.goDown()
        _ = slot.received()
        let again = try relay.connect(as: slot.slotID)
        try again.reply(to: id, body: "whole")
        let answer = again.received()
        #expect(answer.hasPrefix("HTTP/1.1 409 ") && answer.contains("\r\nretry-after: 1\r\n"))
    }
}
