import FPWProtocol
import FPWTransport

@testable import FPWDaemon

/// A relay and the network before it: parks polls, hands visits over, takes replies, and fails as it is told.
final class SimulatedRelay {
    enum Mood: Equatable, CaseIterable {
        case serving, refusingConnections, silent, answering500, answering503, answering401, lackingDescriptors
        /// Told to end, it still takes replies.
        case leaving
    }

    /// What the POSTs of one slot, or a share of all, meet while the others are served.
    struct Ailment {
        /// nil: any slot.
        let slot: SlotID?
        let percent: Int
        let status: Int
        let retryAfter: Int?
        /// How long the answer takes at most.
        let delay: Int
    }

    enum Outcome { case replied, errorPage }

    struct Visit {
        var owner: SlotID?
        var handOvers = 0
        var outcomes: [Outcome] = []
    }

    private static let resendWindow = Duration.seconds(10)
    private static let queueTimeout = Duration.seconds(30)
    private static let deadAfter = Duration.seconds(25)

    let clock: SimulatedClock
    /// Whether it is fpw-relay, with all its features, or a foreign one.
    let isOurs: Bool
    /// How many POSTs of a hundred break before, during or after their upload.
    var breaksPercent = 0
    var parkTime = Duration.seconds(90)
    var ailment: Ailment?
    private(set) var mood = Mood.serving
    private(set) var moodChanges = 0
    private(set) var visits: [Visit] = []
    /// POSTs that began, and what the relay did then; without those that brought a new reply.
    private(set) var attempts: [(at: Moment, mood: Mood)] = []
    private(set) var complaints: [String] = []
    private var parked: [SimulatedPost] = []
    private var waiting: [Int] = []
    private var drained: Set<SlotID> = []

    init(_ clock: SimulatedClock, isOurs: Bool) {
        self.clock = clock
        self.isOurs = isOurs
    }

    // MARK: Faults

    func change(to new: Mood) {
        let wasReachable = mood != .refusingConnections
        mood = new
        moodChanges += 1
        switch new {
        case .refusingConnections where wasReachable: restart()
        case .silent:
            for post in parked { clock.after(Self.deadAfter) { post.failed(.broken) } }
            parked = []
        case .leaving: leave()
        default: break
        }
    }

    private func leave() {
        for index in waiting { visits[index].outcomes = [.errorPage] }
        waiting = []
        let dismissed = parked
        parked = []
        for post in dismissed { answer(post, post.carriesReply ? 204 : 503, ["retry-after": "1"]) }
    }

    /// A slot whose poll is parked.
    func someSlot() -> SlotID? { parked.randomElement(using: &clock.random)?.slot }

    /// Visits that a slot has and that nobody has answered.
    var underWay: [Int] { visits.indices.filter { visits[$0].owner != nil && visits[$0].outcomes.isEmpty } }

    /// The process went away: its visitors have their error page, its slots a broken connection.
    private func restart() {
        for index in visits.indices where visits[index].outcomes.isEmpty { visits[index].outcomes = [.errorPage] }
        waiting = []
        drained = []
        let broken = parked
        parked = []
        for post in broken { post.failed(.broken) }
    }

    // MARK: Visitors

    func visitorCame() {
        let id = visits.count
        visits.append(Visit())
        guard mood != .refusingConnections, mood != .leaving else { return visits[id].outcomes.append(.errorPage) }
        waiting.append(id)
        handOver()
        clock.after(Self.queueTimeout) { [self] in
            guard waiting.contains(id) else { return }
            waiting.removeAll { $0 == id }
            visits[id].outcomes.append(.errorPage)
        }
    }

    /// The slot lost the visit before its reply began: nobody else will have it.
    private func slotWasLost(_ id: Int) {
        if visits[id].outcomes.isEmpty { visits[id].outcomes.append(.errorPage) }
    }

    private func handOver() {
        while !waiting.isEmpty, let post = parked.popLast() {
            guard post.isRunning else { continue }
            let id = waiting.removeFirst()
            if visits[id].owner != nil { complaints.append("visit \(id) has two owners") }
            visits[id].owner = post.slot
            visits[id].handOvers += 1
            let fields: HeaderFields = [
                "fpw-rid": "\(id)", "fpw-method": "GET", "fpw-url": "/", "fpw-header": "{}", "fpw-uip": "192.0.2.1",
            ]
            // Some ways are long: whatever the daemon does meanwhile, the visit is on its way.
            clock.after(clock.milliseconds(0...(clock.chance(0.2) ? 300 : 5))) { [self] in
                guard post.isRunning else { return slotWasLost(id) }
                post.answered(200, marked(fields), at: clock.now)
            }
            // The daemon's own limit is an hour; a visit that nobody answers is the relay's to end.
            clock.after(.seconds(120)) { [self] in slotWasLost(id) }
        }
    }

    // MARK: Slots

    func begin(_ post: SimulatedPost) {
        if !post.isFirstSending { attempts.append((clock.now, mood)) }
        switch mood {
        case .refusingConnections: clock.after(.milliseconds(1)) { post.failed(.connect) }
        case .silent: clock.after(.seconds(5)) { post.failed(.timeout) }
        case .lackingDescriptors: clock.after(.milliseconds(1)) { post.failed(.resources) }
        case .serving, .answering500, .answering503, .answering401, .leaving: upload(post)
        }
    }

    private func upload(_ post: SimulatedPost) {
        let time = clock.milliseconds(1...20)
        switch Int.random(in: 0..<100, using: &clock.random) {
        case ..<breaksPercent where clock.chance(0.3) && !post.isFresh:
            return clock.after(time) { post.failed(.unanswered) }
        case ..<breaksPercent where clock.chance(0.5) && post.carriesReply:
            post.issued()
            return clock.after(time) { [self] in
                replyBroke(post)
                post.failed(.broken)
            }
        case ..<breaksPercent where post.carriesReply && !post.isResend && clock.chance(0.3):
            // All of it went out, and the end of it was never acknowledged.
            post.issued()
            clock.after(time) { post.sent(at: self.clock.now) }
            return clock.after(clock.milliseconds(1000...24_000)) { [self] in
                replyBroke(post)
                post.failed(.broken)
            }
        case ..<breaksPercent:
            clock.after(time) { [self] in
                post.sent(at: clock.now)
                _ = take(post)
                clock.after(clock.milliseconds(0...50)) { post.failed(.broken) }
            }
        default:
            clock.after(time) { [self] in arrive(post) }
        }
    }

    private func arrive(_ post: SimulatedPost) {
        guard post.isRunning else { return }
        guard mood != .refusingConnections else { return post.failed(.broken) }
        post.sent(at: clock.now)
        switch mood {
        case .answering500: return answer(post, 500)
        case .answering503:
            return answer(
                post, 503, ["retry-after": ["1", "3", "20", "90"].randomElement(using: &clock.random) ?? "3"])
        case .answering401: return answer(post, 401)
        case .silent: return clock.after(Self.deadAfter) { post.failed(.broken) }
        case .leaving where !post.carriesReply: return answer(post, 503, ["retry-after": "1"])
        case .leaving: return answer(post, take(post) ? 204 : 409, ["retry-after": "1"])
        case .serving, .refusingConnections, .lackingDescriptors: break
        }
        if let ailment, strikes(ailment, post) { return answer(post, ailment) }
        if post.kind == .hello, isOurs { return answer(post, 204) }
        guard take(post) else { return answer(post, 409) }
        if isOurs, post.isDraining || drained.contains(post.slot) { return answer(post, 204) }
        park(post)
    }

    private func park(_ post: SimulatedPost) {
        parked.append(post)
        clock.after(parkTime) { [self] in
            guard parked.contains(where: { $0 === post }) else { return }
            parked.removeAll { $0 === post }
            post.answered(isOurs ? 204 : 200, marked([:]), at: clock.now)
        }
        handOver()
    }

    private func answer(_ post: SimulatedPost, _ status: Int, _ fields: HeaderFields = [:]) {
        clock.after(clock.milliseconds(0...5)) { [self] in post.answered(status, marked(fields), at: clock.now) }
    }

    private func strikes(_ ailment: Ailment, _ post: SimulatedPost) -> Bool {
        (ailment.slot ?? post.slot) == post.slot && clock.chance(Double(ailment.percent) / 100)
    }

    private func answer(_ post: SimulatedPost, _ ailment: Ailment) {
        let fields: HeaderFields = ailment.retryAfter.map { ["retry-after": "\($0)"] } ?? [:]
        // An error page is a proxy's.
        clock.after(clock.milliseconds(0...ailment.delay)) { [self] in
            post.answered(ailment.status, fields, at: clock.now)
        }
    }

    private func marked(_ fields: HeaderFields) -> HeaderFields {
        var fields = fields
        if isOurs { fields.append(name: "fpw-features", value: RelayFeatures.all.text) }
        return fields
    }

    /// `fpw-drain`: false where the relay does not know it.
    func drain(_ slot: SlotID) -> Bool {
        guard isOurs, mood == .serving else { return false }
        drained.insert(slot)
        for post in parked where post.slot == slot { answer(post, 204) }
        parked.removeAll { $0.slot == slot }
        return true
    }

    // MARK: Replies

    /// The whole reply is here; false: nobody waits for it.
    private func take(_ post: SimulatedPost) -> Bool {
        guard case .reply(let id, let isResend) = post.kind else { return true }
        if visits[id].owner != post.slot {
            complaints.append("visit \(id) was answered by a slot that did not have it")
        }
        guard visits[id].outcomes.isEmpty else {
            if !isOurs, visits[id].outcomes == [.replied] { complaints.append("visit \(id) was answered twice") }
            return false
        }
        if isResend, !isOurs { complaints.append("visit \(id): resend to a relay that does not know it") }
        visits[id].outcomes.append(.replied)
        return true
    }

    private func replyBroke(_ post: SimulatedPost) {
        guard case .reply(let id, _) = post.kind else { return }
        clock.after(isOurs ? Self.resendWindow : .seconds(60)) { [self] in slotWasLost(id) }
    }
}
