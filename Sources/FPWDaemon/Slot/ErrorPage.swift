import FPWProtocol
import FPWService

/// What a visitor sees where there is no answer of the upstream.
struct ErrorPage: Equatable {
    let status: Int
    /// A short word for machines, also in the field `x-fpw-reason`.
    let reason: String
    /// One sentence for people; never anything that only the operator should know.
    let explanation: String

    init(status: Int, reason: String, explanation: String) {
        self.status = status
        self.reason = reason
        self.explanation = explanation
    }

    init(_ refusal: VisitRefusal) {
        self.init(status: refusal.status, reason: refusal.reason, explanation: refusal.explanation)
    }

    /// The page's fields and body, in the form that the visitor prefers.
    func rendered(accept: String?) -> (fields: HeaderFields, body: [UInt8]) {
        let page = VisitorPage(source: "fpwd", status: status, reason: reason, message: explanation)
        let (contentType, text) = page.rendered(accept: accept)
        let fields: HeaderFields = [
            "content-type": contentType, "cache-control": "no-store", "x-fpw-reason": reason,
        ]
        return (fields, Array(text.utf8))
    }
}
