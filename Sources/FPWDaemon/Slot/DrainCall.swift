import FPWProtocol
import FPWTransport

/// The POST that asks a relay to close a slot; its effect shows on the slot's own poll (PROTOCOL.md §4, "drain").
final class DrainCall {
    private let loop: EventLoop
    private let endpoint: Endpoint
    private let waiter: Waiter
    private var isMade = false
    /// Most slots never make the call.
    private var transfer: Transfer?

    init(loop: EventLoop, endpoint: Endpoint, waiter: Waiter) {
        self.loop = loop
        self.endpoint = endpoint
        self.waiter = waiter
    }

    func start(_ identity: SlotIdentity) {
        isMade = true
        transfer = try? Transfer(loop: loop, endpoint: endpoint, waiter: waiter)
        var lines = HeaderLines()
        lines.replaceAll(with: identity.drainFields)
        transfer?.start(.init(method: "POST", headers: lines, body: .empty))
    }

    /// The relay did not take the call: the slot closes as with any other relay.
    var hasFailed: Bool {
        guard isMade else { return false }
        guard let transfer else { return true }
        return !transfer.isRunning && (transfer.failure != nil || !(200..<300).contains(transfer.status))
    }
}
