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
    let waiter: Waiter
    let upstream: Upstream
    /// The body of an error page.
    let pageBody = Body()
    /// The exchange of the latest POST, and the one that the visit came on: its body may still arrive there.
    private(set) var exchange: RelayExchange
    private(set) var arrival: RelayExchange
    private let drainCall: DrainCall
    private(set) var stop = StopRequest.none
    private var backoff = SlotBackoff()
    /// How this slot is known to be open, once it is.
    private var openAs: SlotState?
    /// The slot ended because the tunnel has more than it needs.
    private(set) var wasSpared = false
    var state = SlotState.opening {
        didSet { tunnel.slotChanged(from: oldValue, to: state) }
    }

    init(tunnel: Tunnel, loop: EventLoop) throws(TransferFailure) {
        self.tunnel = tunnel
        identity = SlotIdentity(host: tunnel.config.host, token: tunnel.config.token, slot: SlotID())
        waiter = Waiter(loop: loop)
        exchange = try RelayExchange(loop: loop, endpoint: tunnel.relayEndpoint, waiter: waiter)
        arrival = try RelayExchange(loop: loop, endpoint: tunnel.relayEndpoint, waiter: waiter)
        upstream = try Upstream(
            loop: loop, endpoint: tunnel.upstream.endpoint, fallback: tunnel.fallback?.endpoint, waiter: waiter,
            budget: tunnel.budget)
        drainCall = try DrainCall(loop: loop, endpoint: tunnel.relayEndpoint, waiter: waiter)
    }

    var id: SlotID { identity.slot }

    /// Polls and serves until it is told to end, or the tunnel has more slots than it needs.
    func run() async {
        var reply: Reply?
        while let isProbe = await admission(&reply) {
            switch await post(&reply, isProbe: isProbe) {
            case .answered(let reading):
                settle(&reply, reading)
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
            case .closed:
                if exchange.wasSentWhole { reply = nil }
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
        case closed
    }

    /// Waits until the slot may post, and tells whether as the one that finds out about the link; nil: it shall not any more.
    private func admission(_ reply: inout Reply?) async -> Bool? {
        var wasDown = false
        while true {
            if stop == .now || stop != .none && reply == nil { return nil }
            let expiry = expire(&reply)
            if backoff.notBefore > .now {
                state = stop == .none ? .backoff : .draining
                await waiter.sleep(until: min(backoff.notBefore, expiry))
                continue
            }
            switch tunnel.admit(id) {
            case .post(let isProbe):
                guard wasDown, !isProbe, reply == nil else { return isProbe }
                // Back after an outage, but not all at once.
                backoff.hold(until: .now + .milliseconds(Int64.random(in: 0...1000)))
                wasDown = false
            case .wait(let until):
                wasDown = !tunnel.isStarting
                if wasDown { openAs = nil }
                state = .opening
                if reply != nil, reply?.firstFailure == nil { reply?.firstFailure = .now }
                await waiter.sleep(until: min(until, expire(&reply)))
            }
        }
    }

    /// Sends a poll, with the reply where there is one, and waits for its answer.
    private func post(_ reply: inout Reply?, isProbe: Bool) async -> Outcome {
        let isHello = isProbe && reply == nil
        start(&reply, isHello: isHello)
        var watch = PostWatch(
            idleTimeout: tunnel.config.idleTimeout, pollTimeout: tunnel.config.pollTimeout,
            deliveredAfter: Resend.takenAfter(relayResends: tunnel.features.contains(.resend)),
            relayDrains: tunnel.features.contains(.drain))
        while true {
            if drainCall.hasFailed { watch.relayDrains = false }
            switch watch.next(exchange.progress, stop: stop, at: .now) {
            case .wait(let deadline): await waiter.sleep(until: deadline)
            case .sent: wentOut(&reply)
            case .assumeOpen: opened(as: .assumed)
            case .drain: drainCall.start(identity)
            case .answered where exchange.bringsVisitTooEarly:
                exchange.cancel()
                return .failed(TransferFailure(.malformed, detail: "the relay sent a visit before it had the reply"))
            case .answered: return .answered(await readAnswer(&reply, isHello: isHello))
            case .failed: return .failed(exchange.failure ?? TransferFailure(.other, detail: "no answer"))
            case .delivered: finish(&reply)
            case .timedOut: return .failed(timeOut())
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

    private func start(_ reply: inout Reply?, isHello: Bool) {
        let maxBody = tunnel.config.maxBody?.bytes
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
    private func wentOut(_ reply: inout Reply?) {
        if let sent = reply, !sent.record.isLogged {
            reply?.record.isLogged = true
            tunnel.served(sent, received: arrival.visitBody.written)
        }
        state = stop == .none ? openAs ?? .opening : .draining
    }

    private func opened(as form: SlotState) {
        openAs = form
        tunnel.slotOpened(id, form)
        if stop == .none { state = form }
    }

    private func readAnswer(_ reply: inout Reply?, isHello: Bool) async -> AnswerReading {
        if let sentAt = exchange.progress.sentAt, sentAt <= .now { wentOut(&reply) }
        let (facts, reading) = await exchange.answer(carriedReply: reply != nil, waiter: waiter)
        let features = tunnel.learn(from: facts.headers)
        // A hello, and a POST of a slot that ends, are answered at once because we asked for it.
        let isWanted = reading.answer == .idle && features != nil && (isHello || stop != .none)
        judge(reading, countsAsError: reading.countsAsError && !isWanted, carriedReply: reply != nil)
        return reading
    }

    /// What the answer says about the link and about this slot.
    private func judge(_ reading: AnswerReading, countsAsError: Bool, carriedReply: Bool) {
        tunnel.metrics.count(reading.answer)
        let isAboutTheReply = carriedReply && (reading.answer == .visitGone || reading.refusedSize != nil)
        if countsAsError, !isAboutTheReply {
            failed(tunnel.trouble(reading.answer))
        } else {
            backoff.succeeded()
            opened(as: .confirmed)
        }
    }

    private func noteFailure(_ failure: TransferFailure) {
        // The upstream broke off a reply on its way: no fault of the relay's.
        guard failure.kind != .source else { return tunnel.gaveUp(id) }
        tunnel.metrics.count(failure)
        failed(LinkTrouble(failure))
    }

    private func failed(_ trouble: LinkTrouble) {
        openAs = nil
        if stop == .none { state = .opening }
        // What is of the link is paced by the link, for all slots together.
        if !trouble.isOfTheLink { backoff.failed(trouble) }
        tunnel.slotFailed(id, trouble)
    }
}
