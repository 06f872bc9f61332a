import FPWProtocol
import NIOCore
import Testing

@testable import FPWRelay

/// The small generator SplitMix64, so that a failing history can be played again from its seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// Plays a random history against a machine and keeps its own books of who must be where.
private struct History {
    private enum PostState { case parked, answered, replying(VisitID), free }
    private struct Slot { let id: SlotID?, claimant: Claimant?, loop: Int }

    private var host = Machine.make { $0.queueLimit = 8 }
    private var random: SeededGenerator
    private var now: Int64 = 0
    private var visitors: [ObjectIdentifier: VisitID] = [:]
    /// Visits that have not ended, and those that have.
    private var open: [VisitID: Party] = [:]
    private var holders: [VisitID: Party] = [:]
    private var posts: [ObjectIdentifier: (party: Party, slot: Slot, state: PostState)] = [:]
    private(set) var ended = 0

    /// Whose slots come: two of one address and one of another below a wildcard, or those of a table of its own.
    private let claimants: [Claimant?]

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        let below = [Claimant("ann's", at: 1), Claimant("ann's next", at: 1), Claimant("bob's", at: 2)]
        claimants = seed.isMultiple(of: 2) ? [nil] : below
    }

    mutating func step() {
        now += Int64.random(in: 0...2, using: &random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0...2: arrive()
        case 3...4: post()
        case 5...6: reply()
        case 7: endReply(complete: true)
        case 8: endReply(complete: false)
        case 9: leave()
        case 10: lose()
        default: sweep()
        }
        checkBooks()
    }

    private var time: NIODeadline { .at(now) }

    private mutating func arrive() {
        let visitor = Party("v")
        let id = VisitID()
        visitors[ObjectIdentifier(visitor)] = id
        open[id] = visitor
        settle(id, host.visitorArrived(visitor, id: id, loop: Int.random(in: 0..<3, using: &random), at: time))
    }

    private mutating func settle(_ id: VisitID, _ placement: Placement<Party>) {
        switch placement {
        case .handOver(let post): take(id, post)
        case .waits: holders[id] = nil
        case .refused: end(id)
        case .superseded: break
        }
    }

    private mutating func take(_ id: VisitID, _ post: Party) {
        #expect(holders[id] == nil, "a visit has two owners")
        guard let holder = posts[ObjectIdentifier(post)], case .parked = holder.state else {
            Issue.record("a visit was handed to a POST that is not parked")
            return
        }
        #expect(holder.slot.claimant?.token == host.tenure?.holder, "a visit was handed to another than the holder")
        posts[ObjectIdentifier(post)]?.state = .answered
        holders[id] = post
    }

    private mutating func end(_ id: VisitID) {
        #expect(open.removeValue(forKey: id) != nil, "a visit ended twice")
        holders[id] = nil
        ended += 1
    }

    private mutating func post() {
        let slot = Slot(
            id: Bool.random(using: &random) ? SlotID() : nil, claimant: claimants.randomElement(using: &random) ?? nil,
            loop: Int.random(in: 0..<3, using: &random))
        let party = Party("p")
        posts[ObjectIdentifier(party)] = (party, slot, .free)
        park(party)
    }

    private mutating func park(_ party: Party) {
        guard let slot = posts[ObjectIdentifier(party)]?.slot else { return }
        posts[ObjectIdentifier(party)]?.state = .parked
        switch host.pollEnded(party, slot: slot.id, by: slot.claimant, loop: slot.loop, at: time) {
        case .parked: break
        case .handOver(_, let id): take(id, party)
        case .drained, .goingDown, .full, .held: posts[ObjectIdentifier(party)] = nil
        }
    }

    /// A holder's reply begins, with a random choice of telling the right visit or slot.
    private mutating func reply() {
        guard let (id, holder) = holders.randomElement(using: &random),
            let slot = posts[ObjectIdentifier(holder)]?.slot
        else { return }
        let party = Party("r")
        let sender = Int.random(in: 0..<8, using: &random) == 0 ? SlotID() : slot.id
        let isResend = Bool.random(using: &random)
        switch host.replyBegan(id, by: party, slot: sender, isResend: isResend, at: time) {
        case .accepted(let visitor, let earlier):
            #expect(sender == slot.id && open[id] === visitor)
            if let earlier { posts[ObjectIdentifier(earlier)] = nil }
            posts[ObjectIdentifier(party)] = (party, slot, .replying(id))
            holders[id] = party
        case .abandoned:
            #expect(open[id] == nil)
        case .refused: break
        }
    }

    private mutating func endReply(complete: Bool) {
        let replying = posts.values.compactMap { post -> (Party, VisitID)? in
            guard case .replying(let id) = post.state else { return nil }
            return (post.party, id)
        }
        guard let (party, id) = replying.randomElement(using: &random) else { return }
        if complete {
            if host.replyEnded(id, by: party) { end(id) }
            park(party)
        } else {
            #expect(host.replyBroke(id, by: party, at: time) == nil, "no slot of this history polls beside its reply")
            posts[ObjectIdentifier(party)]?.state = .answered
        }
    }

    private mutating func leave() {
        guard let id = open.keys.randomElement(using: &random) else { return }
        _ = host.visitorLeft(id, bodyIsIncomplete: Bool.random(using: &random), at: time)
        end(id)
    }

    private mutating func lose() {
        guard let (id, holder) = holders.randomElement(using: &random) else { return }
        if Bool.random(using: &random) {
            host.connectionLost(id, of: holder, at: time)
        } else {
            redeliver(id, from: holder)
        }
    }

    private mutating func redeliver(_ id: VisitID, from holder: Party?) {
        let placement = host.redeliver(id, from: holder, at: time)
        if case .superseded = placement { return }
        holders[id] = nil
        settle(id, placement)
    }

    private mutating func sweep() {
        for action in host.sweep(at: time) {
            switch action {
            case .expirePoll(let post), .dismissPoll(let post), .refusePoll(let post):
                guard case .parked = posts.removeValue(forKey: ObjectIdentifier(post))?.state else {
                    Issue.record("a POST was answered that is not parked")
                    return
                }
            case .fail(let visitor, _):
                visitors[ObjectIdentifier(visitor)].map { end($0) }
            case .reconsider(let visitor):
                guard let id = visitors[ObjectIdentifier(visitor)] else { return }
                redeliver(id, from: nil)
            }
        }
    }

    private func checkBooks() {
        let parked = posts.values.count { if case .parked = $0.state { true } else { false } }
        #expect(host.parkedCount + host.claiming.count == parked, "a parked poll was lost")
        #expect(host.waitingVisitors == open.keys.count { holders[$0] == nil })
    }

    /// Lets all deadlines pass: nothing may stay.
    mutating func finish() {
        for _ in 0..<8 {
            now += 1000
            sweep()
        }
        for id in Array(open.keys) {
            _ = host.visitorLeft(id, bodyIsIncomplete: true, at: time)
            end(id)
        }
        now += 1000
        sweep()
        #expect(host.busyCount == 0 && host.waitingVisitors == 0 && host.parkedCount == 0)
    }
}

@Suite("whatever happens in whatever order")
struct RandomHistoryTests {
    @Test("every visit ends once, none has two owners, no parked poll is lost", arguments: 0..<200 as Range<UInt64>)
    func randomHistory(seed: UInt64) {
        var history = History(seed: seed)
        for _ in 0..<400 { history.step() }
        history.finish()
        #expect(history.ended > 20)
    }
}
