import FPWProtocol
import FPWTransport

// What others tell the slot, on its loop.
extension Slot {
    /// Lets the slot look again at whether it may post.
    func wake() { waiter.fire() }

    func linkReturned(since moment: Moment) {
        var generator = SystemRandomNumberGenerator()
        gate.linkReturned(since: moment, at: .now, using: &generator)
        waiter.fire()
    }

    /// One poll of the tunnel shall be opened anew.
    func reopen(_ request: OneSlot) {
        guard isParked, !holdsReply || tunnel.features.contains(.resend), request.take() else { return }
        reopensAt = .now
        waiter.fire()
    }

    private var isParked: Bool { state.isIdle && stop == .none && exchange.isRunning && !exchange.isAnswered }

    /// The network beneath the parked poll is another one: opens it anew then, where its connection is probably dead.
    func networkChanged(_ change: NetworkChange, reopeningAt moment: Moment) {
        guard exchange.isRunning, change.endsConnection(from: exchange.localAddress) else { return }
        reopensAt = min(reopensAt ?? moment, moment)
        waiter.fire()
    }
}

// MARK: - Out of descriptors

extension Slot {
    func starve() {
        isStarving = true
        tunnel.starves(id)
    }

    func fed() {
        guard isStarving else { return }
        isStarving = false
        tunnel.isFed(id)
    }

    /// There is no reply to take care of any more.
    func replyEnded() {
        holdsReply = false
        fed()
    }

    /// A reply of another slot finds no descriptor: gives up the parked poll's, where none has done so before.
    func makeRoom(_ request: OneSlot) {
        guard isParked, !holdsReply, request.take() else { return }
        makesRoom = true
        waiter.fire()
    }
}
