import FPWProtocol
import FPWService

/// What a visitor sees where there is no answer of the upstream.
struct ErrorPage: Equatable {
    let status: Int
    /// A short word for machines, also in the field `x-fpw-reason`.
    let reason: String
    /// One sentence for people; never anything that only the operator should know.
    let explanation: String
    /// Besides those that every page has; nothing in them comes from a peer.
    let fields: HeaderFields

    init(status: Int, reason: String, explanation: String, fields: HeaderFields = [:]) {
        self.status = status
        self.reason = reason
        self.explanation = explanation
        self.fields = fields
    }

    init(_ refusal: VisitRefusal) {
        self.init(status: refusal.status, reason: refusal.reason, explanation: refusal.explanation)
    }

    /// The page's fields and body, in the form that the visitor prefers.
    func rendered(accept: String?) -> (fields: HeaderFields, body: [UInt8]) {
        let page = VisitorPage(source: "fpwd", status: status, reason: reason, message: explanation)
        let (contentType, text) = page.rendered(accept: accept)
        var fields: HeaderFields = [
            "content-type": contentType, "cache-control": "no-store", "x-fpw-reason": reason,
        ]
        self.fields.forEachField { fields.append(name: $0, value: $1) }
        return (fields, Array(text.utf8))
    }
}
