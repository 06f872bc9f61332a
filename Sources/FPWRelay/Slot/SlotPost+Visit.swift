import FPWProtocol
import Logging
import NIOCore

// MARK: The visit

extension SlotPost {
    /// Answers with the visit.
    func handOver(_ visitor: Visitor) {
        guard case .parked = state, let offer = visitor.offer else {
            visitor.loop.run { visitor.slotLost(self, wasSeen: .no) }
            return
        }
        endProbe()
        state = .delivering(visitor)
        handedOverAt = loop.now
        connection.output.markWritten()
        writeHead(offer)
        connection.output.write(offer.body, chunked: deliveryIsChunked)
        visitor.loop.run { visitor.taken(by: self) }
        if offer.bodyIsComplete { endDelivery(visitor) } else { connection.output.flush() }
    }

    private func writeHead(_ offer: VisitOffer) {
        let endsWithConnection = offer.framing == .chunked && head.isHTTP10
        deliveryIsChunked = offer.framing == .chunked && !endsWithConnection
        deliveryCloses = !head.keepAlive || endsWithConnection
        let framing: BodyFraming =
            switch offer.framing {
            case .none: .length(0)
            case .length(let length): .length(length)
            case .chunked: endsWithConnection ? .none : .chunked
            }
        connection.output.write(
            ResponseHead(
                status: 200, headers: offer.request.answerFields, framing: framing, closesConnection: deliveryCloses))
    }

    /// More of the visitor's body has come.
    func takeBody(_ parts: [ByteBuffer], isLast: Bool, of visitor: Visitor) {
        guard case .delivering(let current) = state, current === visitor else { return }
        for part in parts { connection.output.write(part, chunked: deliveryIsChunked) }
        guard !isLast else { return endDelivery(visitor) }
        connection.output.flush()
        undigested.add(from: visitor)
        if connection.isWritable { becameWritable() }
    }

    private func endDelivery(_ visitor: Visitor) {
        if deliveryIsChunked { connection.output.writeLastChunk() }
        state = isReleased ? .over : .delivered(visitor)
        connection.answerEnded(closing: deliveryCloses, watcher: isReleased ? nil : self)
    }

    /// Tells the visitor's side that there is room for more of the body.
    func becameWritable() {
        guard let (visitor, parts) = undigested.takeAll() else { return }
        visitor.loop.run { visitor.bodyDigested(parts: parts, by: self) }
    }
}

// MARK: Ending

extension SlotPost {
    func connectionClosed(_ ending: ConnectionEnding) {
        self.ending = ending
        reportBrokenReply()
        switch state {
        case .parked: host?.pollClosed(self)
        case .delivering(let visitor): lose(visitor, ending)
        case .delivered(let visitor): if slotIsBack || tellsOfSlot(ending) { lose(visitor, ending) }
        case .settled, .polling, .draining, .passing, .unwanted, .over: break
        }
        state = .over
    }

    /// Whether the end of the connection that the visit was delivered on means that the slot is lost.
    private func tellsOfSlot(_ ending: ConnectionEnding) -> Bool {
        // A proxy closes its connections as a matter of course, HAProxy by a reset; a worker that opens one for every POST too.
        if isProxied { return isGivenUp }
        let closesByHabit = slot == nil || deliveryCloses
        return ending.isFailure || ending.receipt.map { $0 != .acknowledged } ?? false || !closesByHabit
    }

    func lose(_ visitor: Visitor, _ ending: ConnectionEnding) {
        let (wasSeen, isBack) = (wasSeen(ending), slotIsBack)
        visitor.loop.run { visitor.slotLost(self, wasSeen: wasSeen, isBack: isBack) }
    }

    /// The slot polls, and has no reply to the visit: it may never have got it.
    ///
    /// As long as the connection stands and the visit may be on its way, that is not known: polls on other connections
    /// may be older.
    func slotReturned(without visitor: Visitor) {
        slotIsBack = true
        switch state {
        // The visit comes as this loop's next task, and goes back.
        case .parked: expire()
        case .delivering: connection.reset(as: ConnectionEnding(isFailure: true, receipt: connection.output.receipt))
        case .delivered where !isProxied && !isAcknowledged: seekAcknowledgement(at: loop.now)
        case .delivered, .settled, .polling, .draining, .passing, .unwanted, .over:
            lose(visitor, ending ?? .seen)
        }
    }

    /// Another request has come on the connection that the visit was delivered on: who sends it has the visit.
    func wasRead() {
        isAcknowledged = true
        if slotIsBack, case .delivered(let visitor) = state { lose(visitor, .seen) }
    }

    /// Whether the worker got the visit before its connection ended so.
    ///
    /// A reset says nothing of what came before it. Who has read everything may reset the connection before the kernel
    /// acknowledges the last of it, which it may put off by half a second (RFC 9293 §3.8.6.3).
    private func wasSeen(_ ending: ConnectionEnding) -> Sight {
        if isProxied { return isGivenUp ? .no : .yes }
        switch ending.receipt {
        case .acknowledged, nil: return .yes
        case .unacknowledged: return ending.isFailure && !isGivenUp ? .perhaps : .no
        case .unsent: return .no
        }
    }

    func tick(at now: NIODeadline) {
        switch state {
        case .delivering, .delivered: seekAcknowledgement(at: now)
        case .parked: endProbe(at: now)
        case .settled, .polling, .draining, .unwanted: limitSwallowing(at: now)
        case .passing, .over: break
        }
    }

    /// A body that nobody wants has its time in all, however slowly it comes.
    private func limitSwallowing(at now: NIODeadline) {
        guard !connection.requestIsComplete else { return }
        let start = isSwallowingSince ?? now
        isSwallowingSince = start
        if start + relay.live.idleTimeout <= now { endSwallowing() }
    }

    /// Finds out whether the peer got the visit at all.
    private func seekAcknowledgement(at now: NIODeadline) {
        guard !isAcknowledged, slotIsBack || handedOverAt + Self.doubtTime <= now else { return }
        isAcknowledged = connection.output.receipt.map { $0 == .acknowledged } ?? true
        if isAcknowledged {
            if slotIsBack, case .delivered(let visitor) = state { lose(visitor, .seen) }
            return
        }
        guard handedOverAt + Self.doubtTime <= now else { return }
        if slotIsBack || handedOverAt + Self.acknowledgementTime <= now { return giveSlotUp() }
        guard !hasRaisedDoubt else { return }
        hasRaisedDoubt = true
        host?.probeSlots(at: now)
    }

    private func giveSlotUp() {
        connection.relay.logger.notice(
            "a slot has died silently: its connection is reset, its visit goes to another",
            metadata: ["host": "\(host?.name ?? "")", "address": "\(connection.peer.text)"])
        isGivenUp = true
        connection.reset(as: ConnectionEnding(isFailure: true, receipt: .unacknowledged))
    }
}
