import FPWMetrics
import FPWProtocol

// This machine gives no more descriptors: replies come before polls.
extension Tunnel {
    /// The slot's reply finds no descriptor: one of the others gives up its poll for it, and none takes a new one before.
    func starves(_ slot: SlotID) {
        let others = shared.withLock { shared in
            shared.state.starves(slot)
            return shared.slots.filter { $0.key != slot }.values
        }
        let request = OneSlot()
        for other in others { other.makeRoom(request) }
    }

    /// The slot's reply is on its way, or given up.
    func isFed(_ slot: SlotID) { shared.withLock { $0.state.isFed(slot) } }
}
