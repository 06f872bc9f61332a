import FPWConfig
import FPWProtocol
import NIOCore
import Testing

@testable import FPWRelay

@Suite("a name below a wildcard")
struct HolderTests {
    private var host = Machine.make()
    private let ann = Claimant("ann's", at: 1)
    private let bob = Claimant("bob's", at: 2)
    /// Ann's next token, at the same place.
    private let next = Claimant("ann's next", at: 1)
    private let visit = VisitID()

    private mutating func poll(
        _ name: String, _ claimant: Claimant?, slot: SlotID? = nil, at seconds: Int64 = 0
    ) -> String {
        text(host.pollEnded(Party(name), slot: slot, by: claimant, loop: 0, at: .at(seconds)))
    }

    private mutating func arrive(_ id: VisitID = VisitID(), at seconds: Int64 = 0) -> String {
        text(host.visitorArrived(Party("v"), id: id, loop: 0, at: .at(seconds)))
    }

    @Test("is its first holder's: another token is refused, and gets no visitor")
    mutating func firstHolder() {
        #expect(poll("a", ann) == "parked")
        #expect(poll("b", bob) == "held")
        #expect(poll("a2", ann) == "parked")
        #expect((0..<3).map { _ in arrive() } == ["hand over to a2", "hand over to a", "waits"])
        #expect(poll("b", bob) == "held", "nor while the holder's slots are all busy")
    }

    @Test("is free when the holder's last slot is gone")
    mutating func isFreed() {
        let party = Party("a")
        _ = host.pollEnded(party, slot: .first, by: ann, loop: 0, at: .at(0))
        #expect(host.claim(by: bob, at: .at(1)) == .refused)
        host.pollClosed(party, loop: 0)
        #expect(host.claim(by: bob, at: .at(1)) == .granted)
        #expect(poll("b", bob, at: 1) == "parked")
        #expect(poll("a", ann, at: 1) == "held")
    }

    @Test("stays the holder's for 5 s while a slot that was answered is expected back")
    mutating func isExpected() {
        _ = poll("a", ann)
        #expect(text(host.sweep(at: .at(90))) == ["expire a"])
        #expect(poll("b", bob, at: 94) == "held")
        #expect(poll("b", bob, at: 95) == "parked")
    }

    @Test("goes to the holder's next token when its old slots are drained, and those of the new one have waited")
    mutating func rotation() {
        _ = poll("old", ann, slot: .first)
        #expect(host.claim(by: next, at: .at(1)) == .waits)
        #expect(poll("new", next, at: 1) == "parked")
        #expect(arrive(visit, at: 1) == "hand over to old", "the new one waits")
        #expect(text(host.drain(.first, by: ann, at: .at(2))) == "busy")
        #expect(text(host.settleClaims(at: .at(2))) == ["expire new"], "the old one is at its last visit")
        #expect(arrive(at: 2) == "waits")
        #expect(poll("new", next, at: 2) == "takes v")
        #expect(text(host.replyBegan(visit, by: Party("r"), slot: .first, isResend: false, at: .at(3))) == "for v")
    }

    @Test("is free while the holder is at its last visits, also to others")
    mutating func lastVisits() {
        _ = poll("a", ann, slot: .first)
        _ = poll("b", ann, slot: .second)
        _ = arrive()
        #expect(text(host.drain(.first, by: ann, at: .at(1))) == "parked: a")
        #expect(poll("c", bob, at: 1) == "parked")
    }

    @Test("is not free because all slots are busy, of whom one may have left earlier, or somebody says that one leaves")
    mutating func fullHouse() {
        _ = poll("a", ann, slot: .first)
        _ = poll("b", ann, slot: .second)
        #expect(text(host.drain(.second, by: ann, at: .at(1))) == "parked: b")
        #expect(arrive(at: 1) == "hand over to a")
        #expect(text(host.drain(SlotID(), by: ann, at: .at(1))) == "unknown")
        #expect(poll("c", bob, at: 1) == "held")
    }

    @Test("stays its holder's when a slot of another token leaves, which has its last visit from before")
    mutating func formerHolder() {
        _ = poll("b1", bob, slot: .first)
        #expect(arrive() == "hand over to b1")
        _ = poll("b2", bob, slot: .second)
        #expect(text(host.drain(.second, by: bob, at: .at(1))) == "parked: b2")
        #expect(poll("a", ann, at: 1) == "parked")
        #expect(arrive(at: 1) == "hand over to a")
        #expect(text(host.drain(.first, by: bob, at: .at(2))) == "busy")
        #expect(poll("b3", bob, at: 2) == "held")
    }

    @Test("is waited for by visitors while only claimants are there")
    mutating func claimantsOnly() {
        let old = Party("old")
        _ = host.pollEnded(old, slot: .first, by: ann, loop: 0, at: .at(0))
        _ = poll("new", next)
        host.pollClosed(old, loop: 0)
        #expect(arrive(at: 1) == "waits")
        #expect(text(host.sweep(at: .at(1))) == ["expire new"])
        #expect(poll("new", next, at: 1) == "takes v")
    }

    @Test("is refused to a claimant of the same address after 15 s, and then at once until it is free")
    mutating func patience() {
        _ = poll("a", ann)
        #expect(poll("new", next) == "parked")
        #expect(text(host.sweep(at: .at(14))) == [])
        #expect(text(host.sweep(at: .at(15))) == ["refuse new"])
        #expect(poll("new", next, at: 16) == "held")
    }

    @Test("keeps a claimant's poll no longer than its connection, its slot and its host")
    mutating func claimantsLeave() {
        _ = poll("a", ann)
        let party = Party("new")
        _ = host.pollEnded(party, slot: .second, by: next, loop: 0, at: .at(0))
        host.pollClosed(party, loop: 0)
        _ = poll("new", next, slot: .second)
        #expect(text(host.drain(.second, at: .at(1))) == "parked: new")
        _ = poll("newer", next)
        #expect(text(host.goDown()) == ["dismiss a", "dismiss newer"])
    }

    @Test("is free when its holder's token counts no more, whatever its slots still do")
    mutating func withdrawnToken() {
        _ = poll("a", ann)
        _ = arrive()
        host.endTenure { $0 == bob.token }
        #expect(poll("b", bob) == "parked")
    }

    @Test("of a table of its own is every token's")
    mutating func ownTable() {
        #expect([poll("a", nil), poll("b", nil)] == ["parked", "parked"])
    }

    @Test("remembers 64 addresses and claims at the most")
    mutating func isBounded() {
        for number in 0..<100 { #expect(poll("a\(number)", Claimant("ann's", at: UInt8(number))) == "parked") }
        let claims = (0..<100).map { host.claim(by: Claimant("token \($0)", at: 1), at: .at(0)) }
        #expect(claims.count { $0 == .waits } == 64)
        #expect(host.claim(by: Claimant("bob's", at: 99), at: .at(0)) == .refused)
    }
}

@Suite("a host's slots")
struct SlotLimitTests {
    private var host = Machine.make { $0.slots = 2 }

    private mutating func poll(_ name: String) -> String {
        text(host.pollEnded(Party(name), slot: nil, loop: 0, at: .at(0)))
    }

    @Test("are so many at the most, parked or busy")
    mutating func limit() {
        #expect(["a", "b", "c"].map { poll($0) } == ["parked", "parked", "full"])
        let id = VisitID()
        _ = host.visitorArrived(Party("v"), id: id, loop: 0, at: .at(0))
        #expect(poll("c") == "full")
        _ = host.replyBegan(id, by: Party("r"), slot: nil, isResend: false, at: .at(0))
        #expect(poll("c") == "full")
        _ = host.visitorLeft(id, bodyIsIncomplete: false, at: .at(0))
        #expect(poll("c") == "parked")
    }
}
