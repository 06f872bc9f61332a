import FPWConfig
import FPWMetrics
import FPWProtocol
import NIOCore

/// A visitor's request, from its head to the last byte of the answer.
///
/// Confined to the event loop of its connection; what slots on other loops tell it comes as tasks of that loop. `offer`
/// alone is read elsewhere: it does not change while the visit is with the host's machine.
final class Visitor: Exchange, @unchecked Sendable {
    enum State {
        /// The first burst of the request is being read.
        case arriving
        /// No slot has it.
        case waiting
        /// The slot has it; no reply yet.
        case placed(SlotPost)
        /// The slot's POST carries the reply, as far as it has come.
        case replying(SlotPost)
        case ended
    }

    let id: VisitID
    let head: RequestHead
    let connection: Connection
    let address: ClientAddress
    /// A trusted proxy's, or one of our own.
    let requestID: RequestID
    private let live: LiveSettings
    var state = State.arriving { didSet { release(after: oldValue) } }
    var host: Host?
    var request: VisitorRequest?
    /// Why no slot will be sought.
    var refusal: ErrorPage?
    var offer: VisitOffer?
    var body = VisitBody()
    /// The slot that is sent the body as it arrives; nil where it has all of it, or has gone.
    var bodyTaker: SlotPost?
    /// Parts of the body that the slot has not digested.
    var bodyInFlight = 0
    /// Parts of the body that are not in the offer and not passed on yet.
    var gathered: [ByteBuffer] = []
    var progress = ReplyProgress()
    var framing: ReplyFraming?
    /// The reply's head said that the connection ends with it.
    var closesConnection = false
    /// Parts of the reply that the connection has no room for.
    var undigested = Undigested<SlotPost>()
    var log: VisitLog
    private var lastProgress: NIODeadline
    private var pace = UploadPace()

    init(_ head: RequestHead, on connection: Connection) {
        self.head = head
        self.connection = connection
        id = VisitID(using: &connection.loop.random)
        live = connection.relay.live
        address = ClientAddress(connection.peer, headers: head.headers, trusted: live.trustedProxies)
        requestID = (address.isProxied ? RequestID(in: head.headers) : nil) ?? RequestID(using: &connection.loop.random)
        log = VisitLog(began: connection.loop.now, site: connection.relay.unknownSite)
        lastProgress = connection.loop.now
    }

    var loop: RelayLoop { connection.loop }
    var relay: Relay { connection.relay }

    var isOver: Bool {
        if case .ended = state { true } else { false }
    }

    func madeProgress() { lastProgress = loop.now }
}

// MARK: The request

extension Visitor {
    /// The head has come: finds the host and prepares the visit.
    func begin() {
        do throws(ErrorPage) {
            guard connection.listener == .visitorsAndSlots else { throw .slotsOnly }
            guard let name = head.host else { throw .unknownHost }
            host = try findHost(name)
            if let limit = live.maxBody, case .length(let length) = head.framing, length > limit {
                throw .bodyTooLarge(limit: limit)
            }
            request = try prepare(name)
        } catch {
            refusal = error
        }
    }

    private func findHost(_ name: HostName) throws(ErrorPage) -> Host {
        switch relay.hosts.lookUp(name) {
        case .host(let host):
            log.site = host.site
            return host
        case .offline(let site):
            log.site = site
            throw ErrorPage(.noSlot)
        case .unknown:
            throw .unknownHost
        }
    }

    private func prepare(_ name: HostName) throws(ErrorPage) -> VisitorRequest {
        do throws(VisitRefusal) {
            return try VisitorRequest(
                id: id, method: head.method, target: head.target, headers: head.headers, origin: origin(name))
        } catch {
            throw ErrorPage(error)
        }
    }

    private func origin(_ name: HostName) -> VisitorRequest.Origin {
        VisitorRequest.Origin(
            address: address.text,
            scheme: live.publicAddress.scheme(
                of: head.headers, isProxied: address.isProxied, isSecure: connection.isSecure),
            host: head.headers.firstString("host") ?? name.text,
            isFromTrustedProxy: address.isProxied, requestID: requestID
        )
    }

    func received(_ bytes: ByteBuffer) {
        guard !isOver, refusal == nil else { return }
        madeProgress()
        log.received(bytes.readableBytes)
        if let limit = live.maxBody, log.received > limit { return giveUp(.bodyTooLarge(limit: limit)) }
        body.append(bytes)
        if isOffered { gathered.append(bytes) }
    }

    /// Whether what comes now is not in the offer, and goes to the slot after it.
    private var isOffered: Bool {
        if case .waiting = state { true } else { bodyTaker != nil }
    }

    func requestEnded() {
        guard !isOver else { return }
        body.end()
        burstEnded()
    }

    func burstEnded() {
        switch state {
        case .arriving: seekSlot()
        case .placed, .replying: passBody()
        case .waiting, .ended: break
        }
    }

    func requestBroke(_ error: RequestError) {
        giveUp(ErrorPage(error))
    }

    /// The body is read as fast as the slot takes it, and not before there is a slot.
    var wantsBody: Bool { bodyTaker != nil && bodyInFlight == 0 }
}

// MARK: Ending

extension Visitor {
    /// The host's machine has given the visit up.
    func fail(_ failure: VisitFailure) {
        answer(ErrorPage(failure))
    }

    /// Ends the visit from the visitor's side, whoever has it.
    func giveUp(_ page: ErrorPage) {
        leaveSlot()
        answer(page)
    }

    func connectionClosed(_ ending: ConnectionEnding) {
        guard !isOver else { return }
        leaveSlot()
        finish(outcome: .left)
    }

    func tick(at now: NIODeadline) {
        let isStreaming =
            switch state {
            case .replying: true
            case .placed: !body.isComplete
            case .arriving, .waiting, .ended: false
            }
        if isStreaming, lastProgress + live.idleTimeout <= now { return giveUp(ErrorPage(.visitTimeout)) }
        if bodyIsTooSlow(at: now) {
            relay.metrics.slowRequests[.body].add()
            giveUp(.slowBody)
        }
    }

    private func bodyIsTooSlow(at now: NIODeadline) -> Bool {
        pace.isTooSlow(received: log.received, isAwaited: wantsBody, minimum: live.minUploadRate, at: now)
    }

    /// The connection that the visit was delivered on needs not be watched any more. Where the reply came on the same one,
    /// it knows.
    private func release(after earlier: State) {
        guard case .placed(let holder) = earlier else { return }
        switch state {
        case .placed: return
        case .replying(let post) where post.connection === holder.connection: return
        case .ended: holder.loop.run { holder.abandoned(by: self) }
        case .arriving, .waiting, .replying: holder.loop.run { holder.released(by: self) }
        }
    }

    private func leaveSlot() {
        guard let host else { return }
        switch host.visitorLeft(id, bodyIsIncomplete: !body.isComplete, at: .now()) {
        case .unnoticed: break
        case .handedOver(let post):
            if !body.isComplete { post.loop.run { post.visitorLeft(self) } }
        case .replying(let post):
            post.loop.run { post.visitorLeft(self) }
        }
    }

    /// A slot that is still being sent the body will not get the rest.
    private func stopSending() {
        guard let bodyTaker, !body.isComplete else { return }
        self.bodyTaker = nil
        bodyTaker.loop.run { bodyTaker.visitorLeft(self) }
    }

    func finish(outcome: VisitLog.Outcome) {
        stopSending()
        state = .ended
        _ = undigested.takeAll()
        body.forget()
        log.write(outcome, visitor: self)
    }
}
