import FPWProtocol
import Testing

@testable import FPWRelay

@Suite("the names below a wildcard")
struct WildcardNamesTests {
    private var names = WildcardNames()
    private let bob = Token("bob")

    private mutating func add(_ texts: String..., of maker: String) throws {
        for text in texts { names.add(try #require(HostName(text.utf8)), madeBy: Token(maker)) }
    }

    /// The names that make room one after the other.
    private mutating func order(share: Int = 0, where mayGo: (String, Bool) -> Bool = { _, _ in true }) -> [String] {
        var order: [String] = []
        while let name = names.makeRoom(for: bob, share: share, where: { mayGo($0.text, $1) }) {
            order.append(name.text)
        }
        return order
    }

    @Test("make room by the token that has most of them, the oldest first")
    mutating func most() throws {
        try add("b1", "b2", of: "bob")
        try add("a1", "a2", "a3", "a4", of: "ann")
        #expect(names.count == 6)
        #expect(names.makeRoom(for: bob, share: 0) { _, _ in true }?.text == "a1")
        #expect(Set(order()) == ["a2", "a3", "a4", "b1", "b2"])
        #expect(names.count == 0)
    }

    @Test("make room by the token that asks where another has as many")
    mutating func asMany() throws {
        try add("a1", "a2", of: "ann")
        try add("b1", "b2", of: "bob")
        #expect(names.makeRoom(for: bob, share: 0) { _, _ in true }?.text == "b1")
    }

    @Test("make room by another token where all of the one must stay")
    mutating func others() throws {
        try add("a1", "a2", "a3", of: "ann")
        try add("b1", "b2", of: "bob")
        #expect(order { name, _ in !name.hasPrefix("a") } == ["b1", "b2"])
        #expect(names.count == 3)
    }

    @Test("tell which token has no more than its share")
    mutating func share() throws {
        try add("a1", "a2", "a3", of: "ann")
        try add("b1", "b2", of: "bob")
        #expect(Set(order(share: 2) { _, isFair in !isFair }) == ["a1", "b1"], "bob's further one counts, too")
    }

    @Test("are looked at a few at a time, and all in turn: those that must stay go behind the others")
    mutating func looks() throws {
        let stay = 2 * WildcardNames.looks
        for number in 0..<stay { try add("held\(number)", of: "ann") }
        try add("free", of: "ann")
        var looks = 0
        func next() -> String? {
            names.makeRoom(for: bob, share: 0) { name, _ in
                looks += 1
                return name.text == "free"
            }?.text
        }
        #expect([next(), next(), next()] == [nil, nil, "free"])
        #expect(looks == stay + 1 && names.count == stay)
    }

    @Test("that are forgotten make no room any more")
    mutating func removed() throws {
        try add("a1", "a2", of: "ann")
        names.remove([try #require(HostName("a1".utf8))])
        #expect(names.count == 1)
        #expect(order() == ["a2"])
    }
}

@Suite("closed slots")
struct DrainedSlotsTests {
    @Test("are remembered until their time is over, and so many at the most, the oldest of them not")
    func bounded() {
        let drained = DrainedSlots()
        let slots = (0...DrainedSlots.capacity).map { _ in SlotID() }
        for slot in slots { drained.insert(slot, until: .at(10)) }
        #expect(drained.count == DrainedSlots.capacity)
        #expect(
            [slots[0], slots[1], slots[slots.count - 1]].map { drained.contains($0, at: .at(9)) } == [
                false, true, true,
            ])
        drained.forgetExpired(at: .at(10))
        #expect(drained.count == 0)
    }
}
