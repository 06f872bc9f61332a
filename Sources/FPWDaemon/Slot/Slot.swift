import FPWConfig
import FPWMetrics
import FPWProtocol
import FPWTransport

/// One slot at the relay. It polls; a visit comes as the answer; the upstream is asked; the reply travels in the next poll.
///
/// Runs on its event loop from the first line to the last; everything that it touches there needs no lock.
final class Slot {
    let tunnel: Tunnel
    let identity: SlotIdentity
    let loop: EventLoop
    let waiter: Waiter
    let upstream: Upstream
    /// The body of an error page.
    let pageBody: Body
    /// The exchange of the latest POST, and the one that the visit came on: its body may still arrive there.
    private(set) var exchange: RelayExchange
    private(set) var arrival: RelayExchange
    private let drainCall: DrainCall
    private(set) var stop = StopRequest.none
    var gate = SlotGate()
    /// When the latest POST began.
    private var postedAt = Moment.now
    /// When the poll, whose connection may be dead, is opened on a new one, unless a reply can be lost by it; every POST
    /// from here on needs a new one. Nil: the connections are good.
    var reopensAt: Moment?
    /// The latest POST carries a reply that is not known to be taken.
    var holdsReply = false
    /// The poll gives up its connection: a reply needs the descriptor.
    var makesRoom = false
    /// The reply finds no descriptor.
    var isStarving = false
    /// How this slot is known to be open, once it is.
    private var openAs: SlotState?
    /// The visit under way, where the inspector keeps it.
    var capture: VisitCapture?
    /// The slot ended because the tunnel has more than it needs.
    private(set) var wasSpared = false
    var state = SlotState.opening {
        didSet { tunnel.slotChanged(from: oldValue, to: state) }
    }

    init(tunnel: Tunnel, loop: EventLoop) throws(TransferFailure) {
        self.tunnel = tunnel
        identity = SlotIdentity(host: tunnel.config.host, token: tunnel.config.token, slot: SlotID())
        self.loop = loop
        waiter = Waiter(loop: loop)
        let (relay, received) = (tunnel.relayEndpoint, tunnel.metrics.received)
        exchange = try RelayExchange(loop: loop, endpoint: relay, waiter: waiter, tally: received)
        arrival = try RelayExchange(loop: loop, endpoint: relay, waiter: waiter, tally: received)
        pageBody = Body(tally: tunnel.metrics.sent)
        upstream = try Upstream(
            loop: loop, endpoint: tunnel.upstream.endpoint, fallback: tunnel.fallback?.endpoint, waiter: waiter,
            budget: tunnel.budget, tally: tunnel.metrics.sent)
        drainCall = DrainCall(loop: loop, endpoint: tunnel.relayEndpoint, waiter: waiter)
        guard let captures = tunnel.captures else { return }
        for body in [exchange.visitBody, arrival.visitBody, upstream.body, pageBody] {
            body.capturesFirst(KeptMessage.bodyLimit, within: captures)
        }
    }

    var id: SlotID { identity.slot }

    /// Polls and serves until it is told to end, or the tunnel has more slots than it needs.
    func run() async {
        var reply: Reply?
        while let isProbe = await admission(&reply) {
            switch await post(&reply, isProbe: isProbe) {
            case .answered(let reading):
                await settle(&reply, reading)
                if case .visit(let reference, let visit) = reading.answer {
                    state = .busy
                    swap(&exchange, &arrival)
                    reply = await serve(reference, visit, arriving: arrival)
                } else if reply == nil, stop == .none, reading.isPeaceful, tunnel.maySpare() {
                    return wasSpared = true
                }
            case .failed(let failure):
                noteFailure(failure)
                salvage(&reply)
                if failure.kind == .resources, reply != nil { starve() }
            case .reopened:
                tunnel.gaveUp(id)
                salvage(&reply)
            case .closed:
                if exchange.wasSentWhole { finish(&reply) }
                return drop(&reply, .stopped)
            }
        }
        drop(&reply, .stopped)
    }

    /// Asks the slot to end; on its loop.
    func end(_ request: StopRequest) {
        guard stop == .none || request == .now && stop != .now else { return }
        stop = request
        if request == .now {
            exchange.cancel()
            arrival.cancel()
            upstream.cancel()
        }
        waiter.fire()
    }
}

// MARK: - The POST

extension Slot {
    private enum Outcome {
        case answered(AnswerReading)
        case failed(TransferFailure)
        /// Given up for a new connection.
        case reopened
        case closed
    }

    /// Waits until the slot may post, and tells whether as the one that finds out about the link; nil: it shall not any more.
    private func admission(_ reply: inout Reply?) async -> Bool? {
        while true {
            let expiry = expire(&reply)
            // A reply that met a dead connection has not been brought yet.
            let bringsReply = reply.map { $0.firstFailure == nil || reopensAt != nil } ?? false
            let carriesReply = reply != nil
            let step = gate.next(stop: stop, carriesReply: carriesReply, at: .now) { [tunnel, id] in
                tunnel.admit(id, afterTrouble: $0, carriesReply: carriesReply, bringsReply: bringsReply)
            }
            switch step {
            case .end: return nil
            case .post(let isProbe): return isProbe
            case .pause(let until):
                state = stop == .none ? .backoff : .draining
                await waiter.sleep(until: min(until, expiry))
            case .waitForLink(let until, let isDown):
                if isDown { openAs = nil }
                state = .opening
                if reply != nil, reply?.firstFailure == nil { reply?.firstFailure = .now }
                await waiter.sleep(until: min(until, expire(&reply)))
            }
        }
    }

    /// Sends a poll, with the reply where there is one, and waits for its answer.
    private func post(_ reply: inout Reply?, isProbe: Bool) async -> Outcome {
        let isHello = isProbe && reply == nil
        start(&reply, isHello: isHello, isProbe: isProbe)
        var watch = PostWatch(
            idleTimeout: tunnel.config.idleTimeout, pollTimeout: tunnel.config.pollTimeout,
            deliveredAfter: Resend.takenAfter(relayResends: tunnel.features.contains(.resend)),
            relayDrains: tunnel.features.contains(.drain))
        while true {
            if drainCall.hasFailed { watch.relayDrains = false }
            watch.reopensAt = reply == nil || tunnel.features.contains(.resend) ? reopensAt : nil
            if makesRoom { watch.reopensAt = .now }
            switch watch.next(exchange.progress, stop: stop, at: .now) {
            case .wait(let deadline): await waiter.sleep(until: deadline)
            case .sent: wentOut(reply)
            case .assumeOpen:
                opened(as: .assumed)
                // Whoever holds it for so long has it: where its connection breaks later its time begins anew.
                reply?.firstFailure = nil
            case .drain: drainCall.start(identity)
            case .answered where exchange.bringsVisitTooEarly:
                exchange.cancel()
                return .failed(TransferFailure(.malformed, detail: "the relay sent a visit before it had the reply"))
            case .answered: return .answered(await readAnswer(&reply, isHello: isHello))
            case .failed: return .failed(exchange.failure ?? TransferFailure(.other, detail: "no answer"))
            case .delivered: finish(&reply)
            case .timedOut: return .failed(timeOut())
            case .reopen:
                exchange.cancel()
                return .reopened
            case .close:
                exchange.cancel()
                return .closed
            }
        }
    }

    /// Nothing has moved for too long. In the middle of a reply that is the upstream's doing.
    private func timeOut() -> TransferFailure {
        exchange.cancel()
        guard upstream.isRunning, !exchange.wasSentWhole else {
            return TransferFailure(.broken, detail: "the relay did not answer in time (poll_timeout)")
        }
        upstream.abandon()
        return TransferFailure(.source, detail: "the upstream's answer stood still (idle_timeout)")
    }

    private func start(_ reply: inout Reply?, isHello: Bool, isProbe: Bool) {
        let maxBody = tunnel.config.maxBody?.bytes
        postedAt = .now
        // What is kept from before an outage is probably dead.
        exchange.isFresh = reopensAt != nil || isProbe
        reopensAt = nil
        makesRoom = false
        holdsReply = reply != nil
        guard let sending = reply else {
            let fields = isHello ? identity.helloFields : identity.pollFields
            return exchange.start(fields: fields, body: .empty, maxVisitBody: maxBody)
        }
        reply?.wasChunked = sending.isChunked
        do throws(HeaderJSONError) {
            let fields = try identity.replyFields(
                to: sending.reference, head: sending.head, isResend: sending.isResend,
                endsSlot: stop != .none && tunnel.features.contains(.drain))
            exchange.start(fields: fields, body: sending.requestBody, maxVisitBody: maxBody)
        } catch {
            upstream.cancel()
            let page = page(UpstreamFault.headTooLarge.page, inPlaceOf: sending)
            reply = page
            exchange.start(fields: page.ownFields(identity), body: page.requestBody, maxVisitBody: maxBody)
        }
    }

    /// The POST is at the relay, with all that it carries; the slot is parked as far as we know.
    private func wentOut(_ reply: Reply?) {
        book(reply)
        fed()
        state = stop == .none ? openAs ?? .opening : .draining
    }

    private func opened(as form: SlotState) {
        openAs = form
        tunnel.slotOpened(id, form, postedAt: postedAt)
        // Who was answered is open when the next POST has gone out.
        if stop == .none, form == .assumed { state = form }
    }

    private func readAnswer(_ reply: inout Reply?, isHello: Bool) async -> AnswerReading {
        if let sentAt = exchange.progress.sentAt, sentAt <= .now { wentOut(reply) }
        let (facts, reading) = await exchange.answer(carriedReply: reply != nil, waiter: waiter)
        let features = tunnel.learn(from: facts.headers)
        // A hello, and a POST of a slot that ends, are answered at once because we asked for it.
        let isWanted = features != nil && (isHello || stop != .none) && reading.answer == .idle
        tunnel.metrics.pollOutcomes[PollOutcome(reading.answer)].add()
        let isLeaving = facts.announcesLeaving
        if reading.isTrouble(carriedReply: reply != nil, isWanted: isWanted, isLeaving: isLeaving) {
            failed(tunnel.trouble(reading.answer, isLeaving: isLeaving))
        } else {
            gate.succeeded()
            opened(as: .confirmed)
        }
        return reading
    }

    private func noteFailure(_ failure: TransferFailure) {
        // The upstream broke off a reply on its way: no fault of the relay's.
        guard failure.kind != .source else { return tunnel.gaveUp(id) }
        tunnel.metrics.pollOutcomes[.broken].add()
        if failure.metDeadConnection(isFresh: exchange.isFresh) {
            reopensAt = .now
            return tunnel.gaveUp(id)
        }
        failed(LinkTrouble(failure))
    }

    private func failed(_ trouble: LinkTrouble) {
        openAs = nil
        if stop == .none { state = .opening }
        let linkIsUp = tunnel.slotFailed(id, trouble, postedAt: postedAt)
        var generator = SystemRandomNumberGenerator()
        gate.failed(trouble, pacesItself: linkIsUp || holdsReply, at: .now, using: &generator)
    }
}
