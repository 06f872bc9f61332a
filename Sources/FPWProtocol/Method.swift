/// A request method: any token (RFC 9110 §9.1), case-sensitive.
package struct Method: Hashable, Sendable, CustomStringConvertible {
    /// The token; ASCII.
    package let name: String

    /// Nil where the bytes are no token.
    package init?(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard HeaderSyntax.isToken(bytes.span) else { return nil }
        name = String(decoding: bytes, as: UTF8.self)
    }

    private init(known: String) { name = known }

    package static let get = Method(known: "GET")
    package static let head = Method(known: "HEAD")
    package static let post = Method(known: "POST")
    package static let put = Method(known: "PUT")
    package static let delete = Method(known: "DELETE")
    package static let options = Method(known: "OPTIONS")
    package static let patch = Method(known: "PATCH")
    package static let trace = Method(known: "TRACE")
    package static let connect = Method(known: "CONNECT")

    package var bytes: String.UTF8View { name.utf8 }
    package var description: String { name }

    /// Whether doing it twice has the effect of doing it once (RFC 9110 §9.2.2).
    package var isIdempotent: Bool {
        switch self {
        case .get, .head, .options, .trace, .put, .delete: true
        default: false
        }
    }

    /// The method for a metric's label: one of a fixed set, or `other`, so that a visitor cannot make series.
    package var metricLabel: String {
        switch self {
        case .get, .head, .post, .put, .delete, .options, .patch, .trace: name
        default: "other"
        }
    }
}
