import FPWProtocol
import FPWService

/// A kept visit as the page shows it: `GET /ui/visits/N`.
struct VisitDetail {
    let summary: VisitSummary
    let visit: KeptVisit
}

extension VisitDetail: Encodable {
    private enum Key: String, CodingKey {
        case request, response, method, target, status, headers, body, truncated
        case bodySize = "body_size"
    }

    /// The summary's fields, and the two messages; bodies as base64, secrets as `<redacted>`.
    func encode(to encoder: any Encoder) throws {
        try summary.encode(to: encoder)
        var object = encoder.container(keyedBy: Key.self)
        var request = object.nestedContainer(keyedBy: Key.self, forKey: .request)
        try request.encode(visit.method.name, forKey: .method)
        try request.encode(QuerySecrets.shown(visit.target.description), forKey: .target)
        try Self.encode(visit.request, to: &request)
        var response = object.nestedContainer(keyedBy: Key.self, forKey: .response)
        try response.encode(visit.status, forKey: .status)
        try Self.encode(visit.response, to: &response)
    }

    private static func encode(_ message: KeptMessage, to object: inout KeyedEncodingContainer<Key>) throws {
        try object.encode(Redaction.shown(message.headers), forKey: .headers)
        try object.encode(message.body.base64, forKey: .body)
        try object.encode(message.bodySize, forKey: .bodySize)
        try object.encode(message.isTruncated, forKey: .truncated)
    }
}
