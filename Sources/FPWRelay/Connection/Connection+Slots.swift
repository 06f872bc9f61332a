import FPWMetrics
import FPWProtocol
import Logging

extension Connection {
    /// A slot is at the other end: it has shown a good token, or answers a visit of its own.
    func becomeSlots(by token: Token?) {
        if let token { note(token) }
        guard !isSlots else { return }
        isSlots = true
        SocketOptions.noticeDeadPeer(channel)
        relay.slotConnectionOpened(of: peer, countedAs: countedAs)
        relay.logger.debug("a slot's connection is open", metadata: ["address": "\(peer.text)"])
    }

    private func note(_ token: Token) {
        guard !tokens.contains(token) else { return }
        tokens.append(token)
        if let countedAs { relay.connections.withLock { $0.showed(token, countedAs) } }
    }
}
