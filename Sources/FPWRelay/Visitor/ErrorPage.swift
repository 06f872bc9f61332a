import FPWProtocol
import FPWService

/// What a visitor is shown where no slot answered: what happened, and who should do what.
struct ErrorPage: Error, Equatable, Sendable {
    let status: Int
    /// A short word for machines; also in the field `fpw-relay` of the answer.
    let reason: String
    let explanation: String
    let advice: String
    /// Seconds for `Retry-After`.
    var retryAfter: Int?
}

extension ErrorPage {
    private static let tryAgain = "Please try again in a moment."

    init(_ failure: VisitFailure) {
        switch failure {
        case .noSlot:
            self.init(
                status: 502, reason: failure.rawValue, explanation: "No worker of this site is connected to the relay.",
                advice: "If this is your site: start fpwd, or look at its log.")
        case .queueFull, .queueTimeout:
            self.init(
                status: 503, reason: failure.rawValue, explanation: "All workers of this site are busy.",
                advice: "\(Self.tryAgain) If this is your site: raise max_workers of fpwd.", retryAfter: 5)
        case .relayFull:
            self.init(
                status: 503, reason: failure.rawValue,
                explanation: "All workers of this site are busy, and too many visitors wait at this relay.",
                advice: "\(Self.tryAgain) If this is your relay: look who waits, and at max_waiting_visitors.",
                retryAfter: 5)
        case .visitTimeout:
            self.init(
                status: 504, reason: failure.rawValue, explanation: "The site did not answer in time.",
                advice: "If this is your site: find out why the web service behind fpwd is slow.")
        case .slotLost:
            self.init(
                status: 502, reason: failure.rawValue,
                explanation: "The connection to the site was lost before it answered.",
                advice: "\(Self.tryAgain) The request may or may not have been carried out.")
        case .goingDown:
            self.init(
                status: 503, reason: failure.rawValue, explanation: "The relay is about to restart.",
                advice: Self.tryAgain, retryAfter: 2)
        }
    }

    init(_ refusal: VisitRefusal) {
        self.init(
            status: refusal.status, reason: refusal.reason, explanation: refusal.explanation,
            advice: "The request never reached the site.")
    }

    init(_ error: RequestError) {
        self.init(
            status: error.status, reason: "bad-request", explanation: "The request is not valid HTTP: \(error.reason).",
            advice: "The request never reached the site.")
    }

    static let unknownHost = ErrorPage(
        status: 404, reason: "unknown-host", explanation: "This relay serves no site of this name.",
        advice: "Check the address. If this is your relay: add a [host.\"NAME\"] table to its configuration.")

    static let slotsOnly = ErrorPage(
        status: 404, reason: "slots-only", explanation: "This address is for workers, not for visitors.",
        advice: "Visitors are served at the relay's public address.")

    static func bodyTooLarge(limit: Int) -> ErrorPage {
        ErrorPage(
            status: 413, reason: "body-too-large", explanation: "The request's body is larger than \(limit) bytes.",
            advice: "If this is your relay: raise max_body.")
    }

    static let slowHead = ErrorPage(
        status: 408, reason: "slow-head", explanation: "The request's head took too long to arrive.",
        advice: "The request never reached the site.")

    static let slowBody = ErrorPage(
        status: 408, reason: "slow-body", explanation: "The request's body arrives too slowly.",
        advice: "\(tryAgain) If this is your relay: lower min_upload_rate.")

    static func badReply(_ fault: ReplyFault) -> ErrorPage {
        ErrorPage(
            status: 502, reason: "bad-reply", explanation: "The site's answer cannot be passed on: \(fault).",
            advice: "If this is your site: look at the log of fpwd.")
    }
}

extension ErrorPage {
    /// The answer's fields and body, in the form that the visitor's `Accept` asks for.
    func render(accept: ArraySlice<UInt8>?) -> (fields: HeaderFields, body: String) {
        let page = VisitorPage(
            source: "fpw-relay", status: status, reason: reason, message: "\(explanation) \(advice)")
        let (contentType, body) = page.rendered(accept: accept.map { String(decoding: $0, as: UTF8.self) })
        var fields: HeaderFields = ["content-type": contentType, "cache-control": "no-store", "fpw-relay": reason]
        if let retryAfter { fields.append(name: "retry-after", value: String(retryAfter)) }
        return (fields, body)
    }
}
