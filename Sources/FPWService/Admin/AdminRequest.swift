package import FPWMetrics
package import NIOHTTP1

/// A GET or HEAD to the admin listener.
package struct AdminRequest: Sendable {
    package enum Method: Sendable {
        case get, head
    }

    package let method: Method
    /// The target up to the first `?`, as it was sent.
    package let path: String
    /// What follows the first `?`; nil where there is none.
    package let query: String?
    package let headers: HTTPHeaders

    init(method: Method, target: String, headers: HTTPHeaders) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.method = method
        path = String(parts[0])
        query = parts.count > 1 ? String(parts[1]) : nil
        self.headers = headers
    }
}

extension AdminRequest {
    /// Answers in the form that the client asks for: text where its `Accept` begins with that, or else JSON.
    package func answer(_ value: some Encodable, asText text: String, status: Int = 200) -> AdminResponse {
        if headers.first(name: "accept")?.hasPrefix("text/plain") == true { return .text(text, status: status) }
        return AdminResponse(
            status: status, contentType: "application/json", body: .bytes(Array(JSON.line(value).utf8)))
    }
}

/// What a route answers.
package struct AdminResponse: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Written by and by; ends when the closure returns. Cancelled when the listener stops; a write throws when the
        /// client has left.
        case stream(@Sendable (AdminStream) async throws -> Void)
    }

    package var status: Int
    package var headers: HTTPHeaders
    package var body: Body

    package init(status: Int = 200, contentType: String, headers: HTTPHeaders = [:], body: Body) {
        self.status = status
        self.headers = headers
        self.headers.replaceOrAdd(name: "content-type", value: contentType)
        self.body = body
    }

    /// All metrics, in Prometheus's text format.
    package static func metrics(_ registry: MetricRegistry) -> AdminResponse {
        AdminResponse(
            contentType: MetricsFormat.prometheus.contentType,
            body: .bytes(Array(MetricsFormat.prometheus.text(of: registry.snapshot()).utf8)))
    }

    /// An answer of plain text; a line break is added.
    package static func text(_ text: String, status: Int = 200) -> AdminResponse {
        AdminResponse(status: status, contentType: "text/plain; charset=utf-8", body: .bytes(Array("\(text)\n".utf8)))
    }
}

/// Answers the requests of one path.
package typealias AdminRoute = @Sendable (AdminRequest) async -> AdminResponse
