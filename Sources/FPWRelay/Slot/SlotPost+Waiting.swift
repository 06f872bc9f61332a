import FPWProtocol
import NIOCore

// MARK: Waiting

extension SlotPost {
    func park() {
        guard let host else { return }
        if let slot, !carriedReply { host.slotReturned(slot) }
        settle(host.pollEnded(self, slot: slot, at: loop.now))
    }

    func settle(_ parking: Parking<Visitor>) {
        state = .parked
        switch parking {
        case .parked: break
        case .drained: respond(.idle)
        case .goingDown: dismiss()
        case .full: refuse(.maxSlots)
        case .held: refuse(.held)
        case .handOver(let visitor, _):
            handOver(visitor)
        }
    }

    /// Whether it may still be parked, now that these are the tokens.
    ///
    /// Any thread may call.
    func isAdmitted(by current: Site) -> Bool {
        guard let site else { return false }
        guard site !== current else { return true }
        return head.headers.first(FPWField.token).map { current.tokens.match(for: $0.span) != nil } ?? false
    }

    func drain(_ slot: SlotID) {
        guard let host else { return }
        let result = host.drain(slot, by: claimant, at: .now())
        if case .parked(let post) = result { post.loop.run { post.expire() } }
        respond(.drained(result))
    }

    /// The poll was held long enough, or its slot is closed.
    func expire() {
        guard case .parked = state else { return }
        respond(.idle)
    }

    /// The name is another token's, and stays so.
    func refuseClaim() {
        guard case .parked = state else { return }
        refuse(.held)
    }

    /// The relay goes down.
    func dismiss() {
        guard case .parked = state else { return }
        respond(carriedReply ? .takenAndGoingDown : .goingDown)
    }

    /// A reply that came with the POST was taken: its slot is told with its next poll.
    private func refuse(_ refusal: SlotRefusal) {
        guard let host, !carriedReply else { return respond(.idle) }
        respond(relay.refusal(refusal, at: host, peer: connection.peer))
    }

    func respond(_ answer: SlotAnswer) {
        endProbe()
        state = .over
        let closes = answer.closes || !head.keepAlive || !connection.requestIsComplete || relay.isGoingDown
        var fields = answer.fields
        fields.append(name: FPWField.features, value: RelayFeatures.allText)
        let text = answer.text.isEmpty ? "" : answer.text + "\n"
        if !text.isEmpty { fields.append(name: "content-type", value: "text/plain; charset=utf-8") }
        let framing: BodyFraming = answer.status == 204 ? .none : .length(text.utf8.count)
        connection.output.write(
            ResponseHead(status: answer.status, headers: fields, framing: framing, closesConnection: closes))
        if !text.isEmpty { connection.output.write(ByteBuffer(string: text), chunked: false) }
        connection.answerEnded(closing: closes)
    }
}
