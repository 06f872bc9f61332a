import FPWProtocol
import FPWTransport

@testable import FPWDaemon

/// A slot without libcurl: performs, in `Slot`'s order, what the same decisions say.
final class SimulatedSlot {
    private enum Activity {
        case waiting
        case posting(SimulatedPost)
        case serving
        case ended
    }

    let id = SlotID()
    private unowned let tunnel: SimulatedTunnel
    private let clock: SimulatedClock
    private var gate = SlotGate()
    private var activity = Activity.waiting
    private var watch = PostWatch(idleTimeout: .seconds(300), pollTimeout: .seconds(200), relayDrains: false)
    private var reply: SimulatedReply? { didSet { if reply == nil { replyEnded() } } }
    private var holdsReply = false
    private var makesRoom = false
    private var isStarving = false
    private var stop = StopRequest.none
    private var openAs: SlotState?
    private var alarm: Moment?
    var reopensAt: Moment?
    private(set) var wasSpared = false
    private(set) var state = SlotState.opening {
        didSet { if state != oldValue { tunnel.slotChanged(from: oldValue, to: state) } }
    }

    init(_ tunnel: SimulatedTunnel) {
        self.tunnel = tunnel
        clock = tunnel.clock
    }

    func end(_ request: StopRequest) {
        guard stop == .none || request == .now && stop != .now else { return }
        stop = request
        if case .serving = activity, request == .now { activity = .waiting }
        wake()
    }

    var isEnding: Bool { stop != .none }

    /// Told that the network has changed, it still polls as before although no reply can be lost by a new poll.
    var hasOldPoll: Bool {
        guard case .posting(let post) = activity, let reopensAt, reopensAt < clock.now, stop == .none else {
            return false
        }
        return post.isRunning && post.sentAt != nil && (reply == nil || tunnel.knowsFeatures)
    }

    func networkChanged(reopeningAt moment: Moment) {
        reopensAt = min(reopensAt ?? moment, moment)
        wake()
    }

    func linkReturned(since moment: Moment) {
        gate.linkReturned(since: moment, at: clock.now, using: &clock.random)
        wake()
    }

    func wake() {
        while true {
            switch activity {
            case .waiting: guard admission() else { return }
            case .posting(let post): guard follow(post) else { return }
            case .serving, .ended: return
            }
        }
    }

    private func sleep(until moment: Moment) {
        guard moment < .distantFuture, alarm.map({ $0 <= clock.now || moment < $0 }) ?? true else { return }
        alarm = moment
        clock.at(moment) { [weak self] in
            self?.alarm = nil
            self?.wake()
        }
    }

    /// True: go on.
    private func admission() -> Bool {
        let expiry = expire()
        let bringsReply = reply.map { $0.firstFailure == nil || reopensAt != nil } ?? false
        let step = gate.next(stop: stop, carriesReply: reply != nil, at: clock.now) {
            tunnel.admit(id, afterTrouble: $0, carriesReply: reply != nil, bringsReply: bringsReply)
        }
        switch step {
        case .end:
            end()
            return false
        case .post(let isProbe): start(isProbe: isProbe)
        case .pause(let until):
            state = stop == .none ? .backoff : .draining
            sleep(until: min(until, expiry))
            return false
        case .waitForLink(let until, let isDown):
            if isDown { openAs = nil }
            state = .opening
            if reply != nil, reply?.firstFailure == nil { reply?.firstFailure = clock.now }
            sleep(until: min(until, expire()))
            return false
        }
        return true
    }

    private func start(isProbe: Bool) {
        let kind: SimulatedPost.Kind =
            reply.map { .reply(visit: $0.visit, isResend: $0.isResend) } ?? (isProbe ? .hello : .poll)
        let post = SimulatedPost(
            kind, slot: id, isDraining: stop != .none && tunnel.knowsFeatures, isProbe: isProbe, at: clock.now)
        post.isFresh = reopensAt != nil || isProbe
        post.isFirstSending = reply.map { $0.firstFailure == nil || post.isFresh } ?? false
        reopensAt = nil
        makesRoom = false
        holdsReply = reply != nil
        watch = PostWatch(
            idleTimeout: .seconds(300), pollTimeout: .seconds(200),
            deliveredAfter: Resend.takenAfter(relayResends: tunnel.knowsFeatures), relayDrains: tunnel.knowsFeatures)
        activity = .posting(post)
        post.tell = { [weak self] in self?.wake() }
        tunnel.begins(post)
    }

    /// True: go on.
    private func follow(_ post: SimulatedPost) -> Bool {
        watch.reopensAt = reply == nil || tunnel.knowsFeatures ? reopensAt : nil
        if makesRoom { watch.reopensAt = clock.now }
        switch watch.next(post.progress, stop: stop, at: clock.now) {
        case .wait(let deadline):
            sleep(until: deadline)
            return false
        case .sent:
            fed()
            state = stop == .none ? openAs ?? .opening : .draining
        case .assumeOpen:
            opened(as: .assumed, post)
            reply?.firstFailure = nil
        case .drain: watch.relayDrains = tunnel.relay.drain(id)
        case .answered: answered(post)
        case .failed: failed(post, post.failure ?? TransferFailure(.other, detail: ""))
        case .timedOut:
            post.cancel()
            failed(post, TransferFailure(.broken, detail: "poll_timeout"))
        case .delivered: reply = nil
        case .reopen:
            post.cancel()
            activity = .waiting
            tunnel.gaveUp(id)
            salvage(post)
        case .close:
            post.cancel()
            reply = nil
            end()
        }
        return true
    }

    private func answered(_ post: SimulatedPost) {
        guard let facts = post.answer else { return }
        tunnel.answered(post, facts)
        activity = .waiting
        let features = tunnel.learn(facts.headers)
        let reading = facts.reading()
        let isWanted = reading.answer == .idle && features && (post.kind == .hello || stop != .none)
        let isLeaving = facts.announcesLeaving
        if reading.isTrouble(carriedReply: reply != nil, isWanted: isWanted, isLeaving: isLeaving) {
            failed(tunnel.trouble(reading.answer, isLeaving: isLeaving), post)
        } else {
            gate.succeeded()
            opened(as: .confirmed, post)
        }
        if reply != nil {
            switch reading.replyFate {
            case .taken, .dropped: reply = nil
            case .kept: salvage(post)
            }
        }
        if case .visit(let reference, _) = reading.answer {
            serve(Int(String(decoding: reference.value, as: UTF8.self)) ?? -1)
        } else if reply == nil, stop == .none, reading.isPeaceful, tunnel.maySpare() {
            wasSpared = true
            end()
        }
    }

    private func serve(_ visit: Int) {
        state = .busy
        activity = .serving
        tunnel.began(visit, on: id)
        clock.after(clock.milliseconds(1...800)) { [weak self] in
            guard let self, case .serving = activity else { return }
            reply = SimulatedReply(visit: visit)
            activity = .waiting
            wake()
        }
    }

    private func failed(_ post: SimulatedPost, _ failure: TransferFailure) {
        activity = .waiting
        if failure.metDeadConnection(isFresh: post.isFresh) {
            reopensAt = clock.now
            tunnel.gaveUp(id)
        } else {
            failed(LinkTrouble(failure), post)
        }
        salvage(post)
        guard failure.kind == .resources, reply != nil else { return }
        isStarving = true
        tunnel.starves(id)
    }

    private func fed() {
        guard isStarving else { return }
        isStarving = false
        tunnel.isFed(id)
    }

    private func replyEnded() {
        holdsReply = false
        fed()
    }

    /// Whether it gives up its poll.
    func makeRoom() -> Bool {
        guard state.isIdle, stop == .none, !holdsReply, case .posting(let post) = activity, post.isRunning else {
            return false
        }
        makesRoom = true
        wake()
        return true
    }

    private func failed(_ trouble: LinkTrouble, _ post: SimulatedPost) {
        openAs = nil
        if stop == .none { state = .opening }
        let linkIsUp = tunnel.failed(id, trouble, postedAt: post.startedAt)
        gate.failed(trouble, pacesItself: linkIsUp || holdsReply, at: clock.now, using: &clock.random)
    }

    private func opened(as form: SlotState, _ post: SimulatedPost) {
        openAs = form
        tunnel.opened(id, postedAt: post.startedAt)
        if stop == .none, form == .assumed { state = form }
    }

    private func salvage(_ post: SimulatedPost) {
        guard let kept = reply else { return }
        let first = kept.firstFailure ?? clock.now
        reply?.firstFailure = first
        let facts = Resend.Facts(
            wasIssued: post.wasIssued, wasAnswered: post.answer != nil, bodyFailed: false, isKept: true,
            relayResends: tunnel.knowsFeatures, firstFailure: first, sentAt: post.sentAt)
        switch Resend.decide(facts, at: clock.now) {
        case .sendAgain(let isResend): reply?.isResend = kept.isResend || isResend
        case .taken, .drop: reply = nil
        }
    }

    private func expire() -> Moment {
        guard let first = reply?.firstFailure else { return .distantFuture }
        let expiry = first + (stop == .none ? Resend.lifetime : Resend.lifetimeWhileStopping)
        if expiry <= clock.now { reply = nil }
        return expiry
    }

    private func end() {
        activity = .ended
        tunnel.ended(self)
    }
}
