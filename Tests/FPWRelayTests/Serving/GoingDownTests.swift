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
}
