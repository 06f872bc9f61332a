import FPWConfig
import FPWTransport

/// Which of a tunnel's services a visit goes to.
struct UpstreamChoice: Sendable {
    enum Target: Equatable, Sendable { case primary, fallback }

    let hasFallback: Bool
    let whenDown: WhenDown?

    /// The service to ask; nil: none, the visitor gets a page at once.
    ///
    /// - Parameter isDown: what the health check says of the first service.
    func first(isDown: Bool) -> Target? {
        guard isDown else { return .primary }
        if hasFallback { return .fallback }
        return whenDown == nil ? .primary : nil
    }

    /// The service to ask where no connection to `target` could be made.
    func next(after target: Target) -> Target? {
        target == .primary && hasFallback ? .fallback : nil
    }

    /// Whether the tunnel closes its slots.
    func refuses(isDown: Bool) -> Bool { isDown && !hasFallback && whenDown == .refuse }
}

extension TransferFailure.Kind {
    /// There was no connection, so nothing of the request has left: another service may be asked.
    ///
    /// A certificate that is not trusted is no such case: it must be noticed, not stepped around.
    var meansUnreachable: Bool {
        switch self {
        case .resolve, .connect, .timeout: true
        case .tls, .proxy, .broken, .unanswered, .malformed, .source, .sink, .resources, .other: false
        }
    }
}
