import FPWProtocol
import FPWTransport

/// A reply on its way to the relay, until it is known to be taken or given up.
final class Reply {
    let reference: VisitReference
    let head: ReplyHead
    let body: Body
    /// The length that the upstream announced; nil where only the body's end will tell.
    let length: Int?
    /// Where its head or body was too much for the relay, a small page went in its place; that happens once.
    var isReplacement = false
    /// It was sent before, and the relay may have passed on a part of it.
    var isResend = false
    var firstFailure: Moment?
    var record: VisitRecord
    /// What the inspector keeps of the visit.
    let capture: VisitCapture?

    /// It went out chunked.
    var wasChunked = false

    init(
        reference: VisitReference, head: ReplyHead, body: Body, length: Int? = nil, record: VisitRecord,
        capture: VisitCapture? = nil
    ) {
        self.reference = reference
        self.head = head
        self.body = body
        self.length = length
        self.record = record
        self.capture = capture
    }

    var isChunked: Bool { requestLength == nil }
    private var requestLength: Int? { body.isFinished ? body.written : length }

    var requestBody: Transfer.RequestBody {
        length == 0 || requestLength == 0 ? .empty : .stream(body, length: requestLength)
    }

    /// The POST's fields for a reply of our own, whose head is never too large.
    func ownFields(_ identity: SlotIdentity) -> HeaderFields {
        (try? identity.replyFields(to: reference, head: head)) ?? identity.pollFields
    }
}

/// What the access line says about a visit.
struct VisitRecord {
    let startedAt: Moment
    /// What names the request in every log.
    var id = "-"
    var method = "-"
    var target = "-"
    var address = "-"
    var status = 0
    /// A word for the cause where fpwd answered by itself.
    var reason: String?
    /// Until the head of the upstream's answer, or until it was known that there is none.
    var upstreamTook: Duration?
    var upstreamAnswered = false
    /// The visitor's fields of these names, where the access log wants them.
    var referer: [UInt8]?
    var userAgent: [UInt8]?
    /// Bytes of the visitor's body.
    var received = 0
    /// The method as a metric's label.
    var metricMethod = "other"
    var isLogged = false

    init(startedAt: Moment) { self.startedAt = startedAt }
}
