import FPWProtocol
import FPWService

/// A kept request that is to be sent again, as it was or edited: `POST /ui/visits/N/send`.
struct ReplayRequest: Equatable {
    /// What the page has changed; what it leaves out stays.
    struct Edit: Decodable, Equatable {
        var method: String?
        /// `<redacted>` stands for the original secret, here and in header fields.
        var target: String?
        /// Names and values.
        var headers: [[String]]?
        /// Base64.
        var body: String?
    }

    /// Why it cannot be sent, for the page.
    struct Refusal: Error, Equatable {
        let status: Int
        let reason: String
    }

    /// Tells the upstream that it sees a request again: the number of the first one.
    static let mark = "X-Fpw-Replay"

    let method: Method
    let target: RequestTarget
    let headers: HeaderFields
    let body: [UInt8]

    /// - Parameters:
    ///   - number: the original's.
    ///   - id: names the request in all logs in the place of the original's, unless the page gave it another one.
    init(_ original: KeptVisit, number: Int, id: RequestID = RequestID(), _ edit: Edit) throws(Refusal) {
        method = try Self.method(edit, original)
        target = try Self.target(edit, original, method)
        body = try Self.body(edit, original.request)
        let originalID = original.request.headers.first(RequestID.field) ?? []
        var headers = HeaderFields()
        for field in try Self.headers(edit, original.request) where !field.name.equalsIgnoringASCIICase(Self.mark) {
            if field.isNamed(RequestID.field), field.value.elementsEqual(originalID) { continue }
            headers.append(field)
        }
        if !headers.contains(RequestID.field) { headers.append(name: "X-Request-Id", value: id.description) }
        headers.append(name: Self.mark, value: "\(number)")
        self.headers = headers
    }

    /// The same for another service of the tunnel: a `Host` that names one of them names this one.
    func naming(_ authority: String, insteadOf others: [String]) -> ReplayRequest {
        var headers = HeaderFields()
        for field in self.headers {
            if field.isNamed("host"), others.contains(where: { field.value.elementsEqual($0.utf8) }) {
                headers.append(name: "Host", value: authority)
            } else {
                headers.append(field)
            }
        }
        return ReplayRequest(method: method, target: target, headers: headers, body: body)
    }

    private init(method: Method, target: RequestTarget, headers: HeaderFields, body: [UInt8]) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    private static func method(_ edit: Edit, _ original: KeptVisit) throws(Refusal) -> Method {
        guard let name = edit.method else { return original.method }
        guard let method = Method(Array(name.utf8)), method != .connect else {
            throw Refusal(status: 400, reason: "the method must be a word such as GET or POST")
        }
        return method
    }

    private static func target(
        _ edit: Edit, _ original: KeptVisit, _ method: Method
    ) throws(Refusal) -> RequestTarget {
        guard let edited = edit.target else { return original.target }
        guard let target = QuerySecrets.restored(Array(edited.utf8), from: original.target.bytes) else {
            throw Refusal(
                status: 400, reason: "the target holds \(QuerySecrets.mark) where the visit had nothing to hide")
        }
        do throws(VisitRefusal) {
            return try RequestTarget(target, method: method)
        } catch {
            throw Refusal(status: 400, reason: "the target must start with / and hold no spaces, only ASCII")
        }
    }

    private static func body(_ edit: Edit, _ original: KeptMessage) throws(Refusal) -> [UInt8] {
        guard let base64 = edit.body else {
            guard original.isTruncated else { return original.body }
            throw Refusal(
                status: 409,
                reason: "only \(original.body.count) of the body's \(original.bodySize) bytes were kept: "
                    + "it cannot be sent again as it was")
        }
        guard let body = [UInt8](base64: base64) else { throw Refusal(status: 400, reason: "the body is not base64") }
        return body
    }

    /// A redacted field is the original's at the same place among those of its name.
    private static func headers(_ edit: Edit, _ original: KeptMessage) throws(Refusal) -> HeaderFields {
        guard let edited = edit.headers else { return original.headers }
        var headers = HeaderFields()
        var seen: [String: Int] = [:]
        for pair in edited {
            guard pair.count == 2 else { throw Refusal(status: 400, reason: "a header field is a name and a value") }
            let (name, value) = (pair[0], pair[1])
            let position = seen[name.lowercased(), default: 0]
            seen[name.lowercased()] = position + 1
            let bytes = Redaction.restored(value, from: original.value(name, position))
            guard let bytes, HeaderSyntax.isToken(name.utf8.span), HeaderSyntax.isValue(bytes.span) else {
                throw Refusal(status: 400, reason: "the header field \"\(name)\" cannot be sent")
            }
            headers.append(name: name, value: bytes)
        }
        return headers.endToEnd()
    }
}

extension KeptMessage {
    /// The value of the field of this name that comes after so many others of it.
    fileprivate func value(_ name: String, _ position: Int) -> [UInt8]? {
        let fields = headers.filter { $0.name.equalsIgnoringASCIICase(name) }
        return fields.indices.contains(position) ? Array(fields[position].value) : nil
    }
}
