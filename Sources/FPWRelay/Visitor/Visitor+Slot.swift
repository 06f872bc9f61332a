import FPWProtocol
import NIOCore

extension Visitor {
    /// The first burst of the request has been read: it is time for a slot, or for a refusal.
    func seekSlot() {
        if let refusal { return answer(refusal) }
        guard let host else { return }
        state = .waiting
        renewOffer()
        place(host.visitorArrived(self, at: loop.now))
    }

    private func renewOffer() {
        guard let request else { return }
        offer = VisitOffer(
            id: id, request: request, framing: head.framing, body: body.kept, bodyIsComplete: body.isComplete)
    }

    private func place(_ placement: Placement<SlotPost>) {
        switch placement {
        case .handOver(let post):
            taken(by: post)
            post.loop.run { post.handOver(self) }
        case .waits: state = .waiting
        case .refused(let failure): answer(ErrorPage(failure))
        case .superseded: break
        }
    }

    /// A slot has taken the visit; what of the body comes from here on goes to it.
    func taken(by post: SlotPost) {
        switch state {
        case .waiting: state = .placed(post)
        case .replying: break
        case .arriving, .placed, .ended: return
        }
        log.placed = loop.now
        madeProgress()
        guard let offer, !offer.bodyIsComplete else { return }
        bodyTaker = post
        if head.expectsContinue, body.received == 0, progress.declared == nil { connection.output.writeContinue() }
        passBody()
        connection.readIfWanted()
    }

    /// Passes on to the slot what has come of the body since.
    func passBody() {
        guard let bodyTaker, !gathered.isEmpty || body.isComplete else { return }
        let parts = gathered
        let isLast = body.isComplete
        gathered.removeAll(keepingCapacity: true)
        bodyInFlight += 1
        if isLast { self.bodyTaker = nil }
        bodyTaker.loop.run { bodyTaker.takeBody(parts, isLast: isLast, of: self) }
    }

    /// The slot has digested what it was passed.
    func bodyDigested(parts: Int, by post: SlotPost) {
        guard post === bodyTaker else { return }
        bodyInFlight -= parts
        madeProgress()
        if !isOver { connection.readIfWanted() }
    }

    /// The connection that the visit was sent on is gone.
    ///
    /// - Parameters:
    ///   - wasSeen: whether the slot got the visit.
    ///   - isBack: the slot has polled since, so that no reply will come.
    func slotLost(_ post: SlotPost, wasSeen: Sight, isBack: Bool = false) {
        if bodyTaker === post { bodyTaker = nil }
        guard let host else { return }
        if case .ended = state { return host.connectionLost(id, of: post, at: .now()) }
        guard case .placed(let holder) = state, holder === post else { return }
        let gotAllOrNothing = offer?.bodyIsComplete == true
        switch wasSeen {
        case .no: placeAgain(from: post)
        case .perhaps where head.method.isIdempotent || isBack && gotAllOrNothing: placeAgain(from: post)
        case .perhaps where isBack, .yes where isBack: reconsider()
        case .perhaps: host.connectionLost(id, of: post, isInDoubt: gotAllOrNothing, at: .now())
        case .yes: host.connectionLost(id, of: post, at: .now())
        }
    }

    /// No reply will come from the slot that had the visit.
    ///
    /// - Parameter isUnseen: nor has it ever had it.
    func reconsider(isUnseen: Bool = false) {
        // The visit may have gone on since that was found.
        guard host?.isInterrupted(id) == true else { return }
        switch state {
        case .placed where isUnseen || head.method.isIdempotent: placeAgain(from: nil)
        case .placed, .replying: giveUp(ErrorPage(.slotLost))
        case .arriving, .waiting, .ended: break
        }
    }

    private func placeAgain(from post: SlotPost?) {
        guard body.isAtHand, let host else { return giveUp(ErrorPage(.slotLost)) }
        bodyTaker = nil
        bodyInFlight = 0
        gathered.removeAll()
        state = .waiting
        renewOffer()
        place(host.redeliver(id, from: post, at: .now()))
    }
}
