import FPWProtocol
import FPWTransport

/// The POST that asks a relay to close a slot; its effect shows on the slot's own poll (PROTOCOL.md §4, "drain").
final class DrainCall {
    private let transfer: Transfer
    private var isMade = false

    init(loop: EventLoop, endpoint: Endpoint, waiter: Waiter) throws(TransferFailure) {
        transfer = try Transfer(loop: loop, endpoint: endpoint, waiter: waiter)
    }

    func start(_ identity: SlotIdentity) {
        isMade = true
        var lines = HeaderLines()
        lines.replaceAll(with: identity.drainFields)
        transfer.start(.init(method: "POST", headers: lines, body: .empty))
    }

    /// The relay did not take the call: the slot closes as with any other relay.
    var hasFailed: Bool {
        isMade && !transfer.isRunning && (transfer.failure != nil || !(200..<300).contains(transfer.status))
    }
}
