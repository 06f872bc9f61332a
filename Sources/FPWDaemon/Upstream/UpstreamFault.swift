import FPWProtocol
import FPWTransport

/// Why the upstream gave no answer that could be passed on.
struct UpstreamFault: Equatable {
    let page: ErrorPage
    /// For the operator's log.
    let detail: String

    /// All that a page's reason may be.
    static let reasons = [
        "upstream-timeout", "upstream-unreachable", "upstream-tls", "upstream-malformed", "upstream-broken",
        "upstream-stalled", "upstream-down", "upstream-header-too-large", "reply-too-large", "body-too-large",
        "resources",
    ]

    init(_ status: Int, _ reason: String, _ explanation: String, detail: String) {
        page = ErrorPage(status: status, reason: reason, explanation: explanation)
        self.detail = detail
    }

    init(_ failure: TransferFailure) {
        switch failure.kind {
        case .timeout:
            self.init(
                504, "upstream-timeout", "The web service behind this address is not answering.", detail: failure.detail
            )
        case .resolve, .connect, .proxy:
            self.init(
                502, "upstream-unreachable", "The web service behind this address is not running.",
                detail: failure.detail)
        case .tls:
            self.init(502, "upstream-tls", "The web service's certificate is not trusted.", detail: failure.detail)
        case .resources:
            self.init(503, "resources", "The machine is out of resources; try again later.", detail: failure.detail)
        case .malformed:
            self.init(502, "upstream-malformed", "The web service's answer is malformed.", detail: failure.detail)
        case .broken, .unanswered, .source, .sink, .other:
            self.init(502, "upstream-broken", "The web service broke off its answer.", detail: failure.detail)
        }
    }

    init(_ fault: ReplyFault) {
        self.init(502, "upstream-malformed", "The web service's answer is malformed.", detail: "upstream: \(fault)")
    }

    static func timedOut(after timeout: Duration) -> UpstreamFault {
        UpstreamFault(
            504, "upstream-timeout", "The web service behind this address is not answering.",
            detail: "no answer within \(timeout) (upstream_timeout)")
    }

    static func stalled(after timeout: Duration) -> UpstreamFault {
        UpstreamFault(
            504, "upstream-stalled", "The web service behind this address stopped in the middle of its answer.",
            detail: "no byte within \(timeout) (idle_timeout)")
    }

    static let down = UpstreamFault(
        503, "upstream-down", "The web service behind this address is out of order for the moment.",
        detail: "the health check says that it is down (when_down)")

    static let spoolFull = UpstreamFault(
        502, "reply-too-large", "The web service's answer is too large for this relay.",
        detail: "the relay takes no chunked replies, and the answer exceeds spool_max or the disk is full")

    static let headTooLarge = UpstreamFault(
        502, "upstream-header-too-large", "The web service's answer has larger header fields than the relay takes.",
        detail: "the answer's header fields exceed 64 KiB or 256 fields")

    static func bodyTooLarge(limit: Int) -> UpstreamFault {
        UpstreamFault(
            413, "body-too-large", "The request's body is larger than \(limit) bytes.", detail: "max_body exceeded")
    }

    static let replyTooLarge = UpstreamFault(
        502, "reply-too-large", "The web service's answer is too large for this relay.",
        detail: "the relay refused the reply's size")
}
