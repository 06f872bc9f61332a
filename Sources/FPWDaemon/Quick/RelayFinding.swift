import FPWConfig
import FPWProtocol
import FPWTransport

/// What quick mode's check found out about the relay.
enum RelayFinding: Sendable, Equatable {
    case open(SlotState)
    case trouble(LinkTrouble)
    case silent(within: Duration)

    var isGood: Bool {
        switch self {
        case .open: true
        case .trouble, .silent: false
        }
    }

    /// The relay is there and does not want this host or token: waiting does not help.
    var isRefusal: Bool {
        switch self {
        case .trouble(let trouble): trouble.kind == .refused
        case .open, .silent: false
        }
    }

    /// The line for the user: what works, or what does not and what to change.
    ///
    /// - Parameter hostIsDrawn: nobody has asked the relay for this name.
    func line(for tunnel: TunnelConfig, hostIsDrawn: Bool = false) -> String {
        let advice = isRefusal && hostIsDrawn ? "; write the name that it knows: --host NAME" : ""
        return text(for: tunnel) + advice
    }

    private func text(for tunnel: TunnelConfig) -> String {
        switch self {
        case .open(let form): "✓ relay \(tunnel.relay) holds the tunnel open (\(form.explanation))"
        case .trouble(let trouble): "✗ relay \(tunnel.relay): \(trouble.text(tunnel))"
        case .silent(let limit): "✗ relay \(tunnel.relay): no answer within \(limit.inWords)"
        }
    }
}

extension SlotState {
    /// How it is known that a slot is open (PROTOCOL.md §4, "hello").
    fileprivate var explanation: String {
        switch self {
        case .assumed: "assumed: it keeps the poll"
        case .confirmed, .busy, .opening, .backoff, .draining: "confirmed"
        }
    }
}

extension LinkTrouble {
    fileprivate func text(_ tunnel: TunnelConfig) -> String {
        switch kind {
        case .unreachable(let failure): unreachable(failure)
        case .broken: "the connection broke: \(detail)"
        case .exhausted: "this machine is out of resources: \(detail)"
        case .leaving: detail
        case .refused, .redirected, .status, .noPoll: answer?.text(tunnel) ?? detail
        }
    }

    private func unreachable(_ failure: TransferFailure.Kind) -> String {
        switch failure {
        case .resolve: "DNS failure: \(detail)"
        case .tls:
            TransferFailure(failure, detail: detail).isAboutCertificate
                ? "certificate not trusted: \(detail)" : "no TLS: \(detail)"
        case .proxy: "the proxy does not help: \(detail)"
        case .timeout: "no connection in time: \(detail)"
        case .connect, .broken, .unanswered, .malformed, .source, .sink, .resources, .other: "no connection: \(detail)"
        }
    }
}

extension PollAnswer {
    fileprivate func text(_ tunnel: TunnelConfig) -> String? {
        switch self {
        case .refused(let status, let said):
            "\(status): the relay refuses host \(tunnel.host) or its token (\(tunnel.tokenSource))"
                + (said.isEmpty ? "" : ": \(said)")
        case .redirect(let location):
            """
            redirects to \(location ?? "somewhere else"): a login page (captive portal?), \
            or the relay has moved; then set FPW_RELAY
            """
        // MessageText names a web page so; a relay has no reason to send one.
        case .message(let text) where text.hasPrefix("web page"):
            "a login page (captive portal?) answers instead of the relay: \(text)"
        case .message(let text): "answers with a message: \"\(text)\""
        case .idle: "answers every poll at once, with nothing: this is no relay"
        case .visit, .visitGone, .replyTooLarge, .wait, .failed: nil
        }
    }
}
