package import NIOHTTP1

/// A request to the admin listener.
package struct AdminRequest: Sendable {
    package enum Method: String, Sendable {
        case get, head, post
    }

    package let method: Method
    /// The target up to the first `?`, as it was sent.
    package let path: String
    /// What follows the first `?`; nil where there is none.
    package let query: String?
    package let headers: HTTPHeaders
    /// The number in the path, where the route's path has a place for one.
    package var number: Int?
    /// Empty where the route changes nothing.
    package var body: [UInt8] = []

    init(method: Method, target: String, headers: HTTPHeaders = [:]) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.method = method
        path = String(parts[0])
        query = parts.count > 1 ? String(parts[1]) : nil
        self.headers = headers
    }

    /// Nil for a method that no route has.
    init?(_ head: HTTPRequestHead) {
        let method: Method
        switch head.method {
        case .GET: method = .get
        case .HEAD: method = .head
        case .POST: method = .post
        default: return nil
        }
        self.init(method: method, target: head.uri, headers: head.headers)
    }

    /// A value of the query, as it was sent.
    package func queryValue(_ name: String) -> Substring? {
        (query ?? "").split(separator: "&").first { $0.hasPrefix("\(name)=") }.map { $0.dropFirst(name.count + 1) }
    }
}

extension AdminRequest {
    /// Answers in the form that the client asks for: text where its `Accept` begins with that, or else JSON.
    package func answer(_ value: some Encodable, asText text: String, status: Int = 200) -> AdminResponse {
        if headers.first(name: "accept")?.hasPrefix("text/plain") == true { return .text(text, status: status) }
        return .json(value, status: status)
    }
}
