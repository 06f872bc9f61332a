import FPWConfig
import FPWMetrics
import FPWProtocol
import FPWService
import Glibc
import Logging
import NIOCore

extension Relay {
    /// Lets a connection in that has just been accepted; nil where it does not count among its address's.
    ///
    /// - Parameter isSecure: the peer awaits TLS, and would not understand an answer.
    /// - Throws: where descriptors run out, or its address has as many as it may have; it has been told, and is to be closed.
    func admit(_ channel: any Channel, isSecure: Bool) throws -> AddressBlock? {
        guard !SocketOptions.isAmongTheLast(channel) else {
            if !isSecure { SocketOptions.send(Self.shortage, over: channel) }
            metrics.turnedAway.add()
            if let count = shortages.withLock({ $0.note(1, at: .now()) }) {
                report(turnedAway: count, IOError(errnoCode: EMFILE, reason: "accept"))
            }
            throw ChannelError.operationUnsupported
        }
        switch admission(of: Peer(channel.remoteAddress?.ipAddress).address) {
        case .uncounted: return nil
        case .counted(let block): return block
        case .refused:
            if !isSecure { SocketOptions.send(Self.refusal, over: channel) }
            throw ChannelError.operationUnsupported
        }
    }

    func connectionClosed(_ block: AddressBlock, isSlots: Bool, tokens: [Token]) {
        connections.withLock { $0.closed(block, isSlots: isSlots, tokens: tokens) }
    }

    func report(turnedAway count: Int, _ error: any CustomStringConvertible) {
        logger.error(
            "connections are turned away: raise the limit of open files (LimitNOFILE=)",
            metadata: ["count": "\(count)", "error": "\(error)"])
    }

    /// What who finds no descriptor is told in clear text.
    static let shortageAnswer = OverloadHandler.answer(fields: "fpw-relay: too-many-connections\r\n")
    private static let shortage = Array(shortageAnswer.utf8)

    private static let refusal = Array(
        Dismissal.answer(
            "429 Too Many Requests", "Too many connections from this address. Please try again in a moment.\n",
            retryAfter: 5, fields: "fpw-relay: too-many-connections\r\n"
        ).utf8)

    private func admission(of address: IPAddress?) -> ConnectionBounds.Admission {
        let admission = connections.withLock { $0.opened(from: address, at: .now()) }
        guard case .refused(let block, let report) = admission else { return admission }
        metrics.refusedConnections.add()
        if let report {
            logger.warning(
                "connections were refused: their address has as many as it may have (max_connections_per_address)",
                metadata: [
                    "address": "\(block)", "count": "\(report)",
                    "advice": "a proxy of yours belongs in trusted_proxies",
                ])
        }
        return admission
    }
}
