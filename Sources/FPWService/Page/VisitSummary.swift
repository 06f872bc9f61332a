/// One visit's line on the status page.
package struct VisitSummary: Sendable, Equatable {
    /// Given by `VisitRing`.
    package internal(set) var id = 0
    package var requestID: String?
    /// When it came, in milliseconds since the epoch.
    package var at = 0
    /// The tunnel's name, or fpw-relay's host.
    package var place = ""
    package var method = "-"
    package var target = "-"
    /// Nil where nothing was answered.
    package var status: Int?
    package var upstreamTook: Duration?
    package var took = Duration.zero
    package var received = 0
    package var sent = 0
    package var address: String?
    /// The visit whose request was sent again.
    package var replayOf: Int?
    /// A word for the cause where the answer is not the upstream's.
    package var error: String?
    /// The inspector has the request and the response.
    package var isKept = false

    package init() {}
}

extension VisitSummary: Encodable {
    private enum Key: String, CodingKey {
        case id, at, method, target, status, received, sent, address, error
        case requestID = "request_id"
        case place = "tunnel"
        case upstreamTook = "upstream_ms"
        case took = "total_ms"
        case replayOf = "replay_of"
        case isKept = "kept"
    }

    /// What is not known is null; secrets in the target are hidden.
    package func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(id, forKey: .id)
        try object.encode(requestID, forKey: .requestID)
        try object.encode(at, forKey: .at)
        try object.encode(place, forKey: .place)
        try object.encode(method, forKey: .method)
        try object.encode(QuerySecrets.shown(target), forKey: .target)
        try object.encode(status, forKey: .status)
        try object.encode(upstreamTook.map(\.roundedMilliseconds), forKey: .upstreamTook)
        try object.encode(took.roundedMilliseconds, forKey: .took)
        try object.encode(received, forKey: .received)
        try object.encode(sent, forKey: .sent)
        try object.encode(address, forKey: .address)
        try object.encode(replayOf, forKey: .replayOf)
        try object.encode(error, forKey: .error)
        try object.encode(isKept, forKey: .isKept)
    }
}

extension Duration {
    /// Milliseconds with two places behind the point.
    fileprivate var roundedMilliseconds: Double { (self / .milliseconds(1) * 100).rounded() / 100 }
}
