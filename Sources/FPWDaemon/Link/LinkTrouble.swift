import FPWConfig
import FPWProtocol
import FPWTransport

/// What stands between a slot and its relay.
struct LinkTrouble: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// No connection to the relay can be made.
        case unreachable(TransferFailure.Kind)
        /// A connection ended within an exchange.
        case broken
        /// The relay does not accept the host or the token.
        case refused
        /// The relay's URL is another one.
        case redirected
        /// The relay answered with an error.
        case status(Int)
        /// The relay answers at once, with nothing or with a message.
        case noPoll
        /// The relay says that it is going down, in good order.
        case leaving
        /// This machine gives no descriptor or memory: nothing is known about the relay.
        case exhausted
    }

    let kind: Kind
    /// For people: the operation, the peer and the cause.
    let detail: String
    /// What the relay asked for, capped.
    var retryAfter: Duration?
    /// The answer that shows it; nil where there was none.
    private(set) var answer: PollAnswer?

    private static let longestRetryAfter = Duration.seconds(60)

    init(_ kind: Kind, detail: String, retryAfter: Duration? = nil) {
        self.kind = kind
        self.detail = detail
        self.retryAfter = retryAfter.map { min($0, Self.longestRetryAfter) }
    }

    init(_ failure: TransferFailure) {
        switch failure.kind {
        case .resolve, .connect, .tls, .proxy, .timeout:
            self.init(.unreachable(failure.kind), detail: failure.detail)
        case .resources:
            self.init(.exhausted, detail: failure.detail)
        case .broken, .unanswered, .malformed, .source, .sink, .other:
            self.init(.broken, detail: failure.detail)
        }
    }

    /// Whether it concerns the way to the relay, and not only the slot that met it.
    var isOfTheLink: Bool {
        switch kind {
        case .unreachable, .refused, .redirected, .leaving: true
        case .broken, .status, .noPoll, .exhausted: false
        }
    }

    /// Whether a relay that is not to be polled may still take a reply: it handed the visit over before.
    var leavesWayForReplies: Bool {
        switch kind {
        case .refused, .leaving, .broken, .status, .noPoll, .exhausted: true
        case .unreachable, .redirected: false
        }
    }

    /// Whether another way through the network may end it.
    var isOfTheWay: Bool {
        switch kind {
        case .unreachable, .broken: true
        case .refused, .redirected, .leaving, .status, .noPoll, .exhausted: false
        }
    }

    /// Whether it may be what a restart of the relay, or of the proxy before it, looks like from here.
    var isOfRestart: Bool {
        switch kind {
        case .unreachable, .leaving, .broken, .status(502), .status(503): true
        case .refused, .redirected, .status, .noPoll, .exhausted: false
        }
    }

    var backoff: Backoff.Trouble {
        switch kind {
        case .unreachable, .broken, .leaving, .status(502): .transport
        case .refused: .refusal
        case .redirected, .status, .noPoll: .relay
        case .exhausted: .exhaustion
        }
    }

    /// All that `reason` may be.
    static let reasons = [
        "dns", "connect", "tls", "proxy", "timeout", "broken", "refused", "redirect", "status", "message", "leaving",
        "resources",
    ]

    /// A short word for metrics.
    var reason: String {
        switch kind {
        case .unreachable(let kind):
            switch kind {
            case .resolve: "dns"
            case .tls: "tls"
            case .proxy: "proxy"
            case .timeout: "timeout"
            default: "connect"
            }
        case .broken: "broken"
        case .refused: "refused"
        case .redirected: "redirect"
        case .status: "status"
        case .noPoll: "message"
        case .leaving: "leaving"
        case .exhausted: "resources"
        }
    }
}

extension LinkTrouble {
    /// What an answer that is no good answer says.
    /// - Parameter isLeaving: the relay says with it that it is going down.
    init(_ answer: PollAnswer, isLeaving: Bool = false, at tunnel: TunnelConfig) {
        switch answer {
        case .wait(let status, let retryAfter, _) where isLeaving:
            self.init(.leaving, detail: "the relay is going down (\(status))", retryAfter: retryAfter)
        case .idle where isLeaving, .visitGone where isLeaving:
            self.init(.leaving, detail: "the relay is going down")
        case .refused(let status, let said):
            self.init(
                .refused,
                detail: "the relay refuses host \(tunnel.host) or its token (\(tunnel.tokenSource)): \(status) \(said)")
        case .redirect(let location):
            let advice = location.map { "to \($0); set relay = \"\($0)\"" } ?? "without saying where; check relay"
            self.init(.redirected, detail: "the relay redirects \(advice)")
        case .wait(let status, let retryAfter, let said):
            let reason = said.isEmpty ? "" : ": \(said)"
            self.init(.status(status), detail: "the relay asks to wait (\(status))\(reason)", retryAfter: retryAfter)
        case .failed(let status), .replyTooLarge(let status):
            self.init(.status(status), detail: "the relay answered \(status)")
        case .message(let text):
            self.init(.noPoll, detail: "the relay answered with a message: \(text)")
        case .idle, .visit, .visitGone:
            self.init(.noPoll, detail: "the relay answers polls at once, with nothing")
        }
        self.answer = answer
    }

    /// The log line's message.
    var summary: String {
        switch kind {
        case .unreachable(.proxy): "the proxy before the relay refuses"
        case .unreachable: "the relay cannot be reached"
        case .broken: "a connection to the relay broke"
        case .refused: "the relay refuses this tunnel"
        case .redirected: "the relay is at another URL"
        case .status: "the relay answers with an error"
        case .noPoll: "the relay does not hold polls"
        case .leaving: "the relay is going down"
        case .exhausted: "out of file descriptors or memory: fewer slots are open than configured"
        }
    }
}

extension TokenSource: CustomStringConvertible {
    package var description: String {
        switch self {
        case .inline: "token in the configuration"
        case .file(let path): "token_file \(path)"
        case .environment: "FPW_TOKEN"
        case .publicDefault: "the public default token"
        }
    }
}
