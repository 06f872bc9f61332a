import FPWConfig
import FPWMetrics
import FPWProtocol
import NIOCore

/// One POST of a slot: what it carries, the waiting for a visitor, and the answer.
///
/// Confined to the event loop of its connection; what visitors and the host on other loops tell it comes as tasks of
/// that loop.
final class SlotPost: Exchange, @unchecked Sendable {
    enum State {
        /// Will be answered so when the request has ended.
        case settled(SlotAnswer)
        case polling
        case draining(SlotID)
        /// A reply's body goes to its visitor.
        case passing(SlotReply, to: Visitor)
        /// A reply that nobody waits for.
        case unwanted
        case parked
        /// The answer is a visit whose body still comes.
        case delivering(Visitor)
        case delivered(Visitor)
        case over
    }

    /// What a peer may send in vain before the connection is closed to stop it.
    static let swallowedBytes = 64 << 10
    /// How long a visit's bytes may stay unacknowledged before the slot counts as dead (PROTOCOL.md §4).
    static let acknowledgementTime = TimeAmount.seconds(3)
    /// After which the slots that are parked are asked whether they at least are there.
    static let doubtTime = TimeAmount.seconds(1)
    /// How long a parked slot may take to answer that.
    static let probeTime = TimeAmount.milliseconds(900)

    let head: RequestHead
    let connection: Connection
    var host: Host?
    /// The table by which it was let in; nil where the POST may only finish a visit.
    private(set) var site: Site?
    /// Where the name is one below a wildcard.
    private(set) var claimant: Claimant?
    var slot: SlotID?
    var state = State.polling
    private var part = ReplyPart()
    private var partsInFlight = 0
    private var received = 0
    /// Since when the rest of a request is awaited that is of no use.
    var isSwallowingSince: NIODeadline?
    private(set) var carriedReply = false
    var isProxied = false
    var handedOverAt = NIODeadline.uptimeNanoseconds(0)
    var isAcknowledged = false
    /// The peer has left the visit unacknowledged for too long.
    var isGivenUp = false
    /// The slots that are parked have been asked because of this one.
    var hasRaisedDoubt = false
    /// The slot polls again, without a reply to the visit.
    var slotIsBack = false
    /// How the connection ended, once it has.
    var ending: ConnectionEnding?
    /// The kernel was told to ask the peer whether it is there.
    var probedAt: NIODeadline?
    /// Another slot's request has come since on the connection that the visit was delivered on.
    var isOvertaken = false
    /// The visit is answered, or another slot's.
    var isReleased = false
    /// The visit's visitor has left.
    var isAbandoned = false
    var deliveryIsChunked = false
    var deliveryCloses = false
    /// Parts of the visitor's body that the connection has no room for.
    var undigested = Undigested<Visitor>()

    init(_ head: RequestHead, on connection: Connection) {
        self.head = head
        self.connection = connection
    }

    var loop: RelayLoop { connection.loop }
    var relay: Relay { connection.relay }

    private var declaredLength: Int? {
        switch head.framing {
        case .none: 0
        case .length(let length): length
        case .chunked: nil
        }
    }
}

// MARK: The request

extension SlotPost {
    /// The head has come: finds the host and what is asked of it.
    func begin() {
        let admission = relay.authorise(head, of: connection.peer, showing: connection.tokens, at: loop.now)
        guard let host = admission.granted?.host ?? relay.hostAwaitingReply(head) else {
            state = .settled(relay.refusal(of: head, admission, peer: connection.peer))
            return
        }
        connection.becomeSlots(by: admission.granted?.token)
        self.host = host
        site = admission.granted?.site
        isProxied = head.headers.contains("x-forwarded-for") || head.headers.contains("via")
        claimant = admission.granted.flatMap { $0.site.isWildcard ? claimant(with: $0.token) : nil }
        do throws(SlotRequestError) {
            slot = try SlotRequest.slot(in: head.headers)
            begin(try SlotRequest(headers: head.headers), at: host)
        } catch {
            relay.metrics.protocolErrors.series("slot-request").add()
            state = .settled(.bad(error))
        }
        if head.expectsContinue, wantsBody { connection.output.writeContinue() }
    }

    private func claimant(with token: Token) -> Claimant {
        let address = isProxied ? relay.address(behind: connection.peer, head) : connection.peer.address
        return Claimant(token: token, address: address.map { AddressBlock($0) })
    }

    private func begin(_ request: SlotRequest, at host: Host) {
        switch request {
        case .hello where relay.isGoingDown: state = .settled(.goingDown)
        case .hello where !host.admits(claimant, at: loop.now):
            state = .settled(relay.refusal(.held, at: host, peer: connection.peer))
        case .hello:
            state = .settled(.hello(publicURL: relay.publicURL(of: host.name, head, connection.peer)))
            expectPoll(at: host)
        case .poll: state = .polling
        case .drain(let slot): state = .draining(slot)
        case .reply(let reply): begin(reply, at: host)
        }
    }

    /// A hello's slot polls next. Who comes before is let wait for it, and is told soon where it does not come.
    private func expectPoll(at host: Host) {
        let patience = host.slotGreeted(at: .now())
        loop.eventLoop.scheduleTask(in: patience) { [loop] in
            loop.readClock()
            host.sweep(at: loop.now)
        }
    }

    private func begin(_ reply: SlotReply, at host: Host) {
        carriedReply = true
        switch host.replyBegan(reply.id, by: self, slot: slot, isResend: reply.isResend, at: loop.now) {
        case .accepted(let visitor, let earlier):
            if let earlier { earlier.loop.run { earlier.superseded() } }
            part = ReplyPart(head: reply, length: declaredLength)
            state = .passing(reply, to: visitor)
        case .abandoned:
            state = .unwanted
        case .refused:
            state = .settled(gone)
        }
    }

    func received(_ bytes: ByteBuffer) {
        received += bytes.readableBytes
        if case .passing = state { part.chunks.append(bytes) }
    }

    func requestEnded() {
        switch state {
        case .settled(let answer): respond(answer)
        case .polling: park()
        case .draining(let slot): drain(slot)
        case .passing(let reply, let visitor):
            part.isLast = true
            passPart(to: visitor)
            endReply(reply)
        case .unwanted: park()
        case .parked, .delivering, .delivered, .over: break
        }
    }

    /// What is of no use is taken to its end where that is near, so that the connection can be kept.
    func burstEnded() {
        switch state {
        case .passing(_, let visitor): passPart(to: visitor)
        case .settled(let answer) where !endIsNear: respond(answer)
        case .unwanted where !endIsNear: respond(gone)
        case .polling where isTooLong, .draining where isTooLong: respond(.unexpectedBody)
        case .settled, .unwanted, .polling, .draining, .parked, .delivering, .delivered, .over: break
        }
    }

    /// Nobody waits for the reply.
    private var gone: SlotAnswer { relay.isGoingDown ? .goneAndGoingDown : .gone }

    /// The rest does not come: the answer goes out without it, and ends the connection.
    func endSwallowing() {
        switch state {
        case .settled(let answer): respond(answer)
        case .unwanted: respond(gone)
        case .polling, .draining: respond(.lateBody)
        case .passing, .parked, .delivering, .delivered, .over: break
        }
    }

    /// A body of unknown length may go on for ever, as an event stream's does.
    private var endIsNear: Bool {
        guard !head.expectsContinue, let declaredLength else { return false }
        return declaredLength - received <= Self.swallowedBytes
    }

    private var isTooLong: Bool {
        max(declaredLength ?? 0, received) > Self.swallowedBytes
    }

    func requestBroke(_ error: RequestError) {
        reportBrokenReply()
        respond(SlotAnswer(status: error.status, text: error.reason))
    }

    var wantsBody: Bool {
        if case .passing = state { partsInFlight == 0 } else { true }
    }
}

// MARK: The reply

extension SlotPost {
    private func passPart(to visitor: Visitor) {
        guard !part.isEmpty else { return }
        let part = part.take()
        partsInFlight += 1
        visitor.loop.run { visitor.take(part, from: self) }
    }

    /// The visitor's connection has room again.
    func replyDigested(parts: Int) {
        partsInFlight -= parts
        connection.readIfWanted()
    }

    private func endReply(_ reply: SlotReply) {
        guard let host else { return }
        settle(host.replyEnded(reply.id, by: self, slot: slot, endsSlot: reply.endsSlot, at: loop.now))
    }

    /// The visitor is gone: what is on its way to or from it is of no use.
    func visitorLeft(_ visitor: Visitor) {
        switch state {
        case .delivering(let other) where other === visitor:
            state = .over
            // What is on its way of the body is of no use, and a worker that waits until it can read on is to learn of it.
            connection.reset()
        case .passing(_, let other) where other === visitor && !connection.requestIsComplete:
            state = .unwanted
            burstEnded()
            connection.readIfWanted()
        case .settled, .polling, .draining, .passing, .unwanted, .parked, .delivering, .delivered, .over: break
        }
    }

    /// The same reply comes on another connection: this one is dead.
    func superseded() {
        state = .over
        connection.reset()
    }

    func reportBrokenReply() {
        guard case .passing(let reply, _) = state else { return }
        host?.replyBroke(reply.id, by: self, at: .now())
    }
}
