import FPWConfig
import FPWProtocol
import FPWTransport
import Testing

@testable import FPWDaemon

@Suite("Rates of requests")
struct RateTableTests {
    private let ann = VisitorBlock(.verified("192.0.2.1"))
    private let bob = VisitorBlock(.verified("192.0.2.2"))

    @Test("all of a period may come at once, then as many as flow in")
    func bucket() {
        var table = RateTable(RequestRate(3, per: .minute))
        #expect((0..<3).map { _ in table.take(ann, at: .at(100)) } == [nil, nil, nil])
        #expect(table.take(ann, at: .at(100)) == .seconds(20))
        #expect(table.take(bob, at: .at(100)) == nil)
        #expect(table.take(ann, at: .at(119)) == .seconds(1))
        #expect(table.take(ann, at: .at(120)) == nil)
        #expect(table.take(ann, at: .at(120)) == .seconds(20))
        #expect((0..<4).map { _ in table.take(ann, at: .at(1000)) } == [nil, nil, nil, .seconds(20)])
    }

    @Test("a bucket is full again when all of its tokens have flowed in")
    func isFull() {
        var table = RateTable(RequestRate(3, per: .minute))
        for _ in 0..<2 { _ = table.take(ann, at: .at(100)) }
        #expect([139, 140].map { table.isFull(ann, at: .at($0)) } == [false, true])
        #expect(table.isFull(bob, at: .at(100)))
    }

    @Test("a token that is given back can be taken again")
    func givesBack() {
        var table = RateTable(RequestRate(1, per: .hour))
        #expect(table.take(ann, at: .at(0)) == nil)
        table.giveBack(ann)
        #expect(table.take(ann, at: .at(0)) == nil)
        #expect(table.take(ann, at: .at(0)) == .seconds(3600))
    }

    @Test(
        "who is one visitor",
        arguments: [
            ("2001:db8::1", "2001:db8::ffff:2", true), ("2001:db8::1", "2001:db8:0:1::1", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("::192.0.2.1", "::1", true),
            ("0.0.0.0", "::", false),
        ])
    func blocks(one: String, other: String, areOne: Bool) {
        #expect((VisitorBlock(.verified(one)) == VisitorBlock(.verified(other))) == areOne)
    }

    @Test("whoever claims an address, or none, is one visitor")
    func unverified() {
        let others: [VisitorAddress] = [.unknown, .unverified("192.0.2.1"), .unverified("192.0.2.2"), .verified("f:")]
        #expect(Set(others.map { VisitorBlock($0) }) == [.unverified])
    }

    @Test("it holds a bounded number of visitors, and keeps those who ask the most")
    func isBounded() {
        var table = RateTable(RequestRate(100, per: .hour))
        for _ in 0..<100 { _ = table.take(ann, at: .at(0)) }
        for number in 0..<(3 * UInt64(RateTable.capacity)) {
            _ = table.take(.number(number), at: .at(0))
            #expect(table.count <= RateTable.capacity)
        }
        #expect(table.take(ann, at: .at(0)) == .seconds(36))
    }

    @Test("those whose bucket is full again are forgotten first")
    func forgetsIdle() {
        var table = RateTable(RequestRate(1, per: .second))
        for number in 0..<UInt64(RateTable.capacity - 1) { _ = table.take(.number(number), at: .at(0)) }
        #expect(table.take(ann, at: .at(2)) == nil)
        #expect(table.take(bob, at: .at(2)) == nil)
        #expect(table.count == 2)
        #expect(table.take(ann, at: .at(2)) == .seconds(1))
    }
}
