package import NIOHTTP1

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

    /// An answer of plain text; a line break is added.
    package static func text(_ text: String, status: Int = 200) -> AdminResponse {
        AdminResponse(status: status, contentType: "text/plain; charset=utf-8", body: .bytes(Array("\(text)\n".utf8)))
    }

    package static func json(_ value: some Encodable, status: Int = 200) -> AdminResponse {
        AdminResponse(
            status: status, contentType: "application/json", body: .bytes(Array(JSON.line(value).utf8)))
    }

    /// What went wrong, for the page: `{"error":"…"}`.
    package static func failure(_ status: Int, _ reason: String) -> AdminResponse {
        json(["error": reason], status: status)
    }
}
