/// A visitor's request as the relay handed it over, checked: nothing in it can harm an upstream (PROTOCOL.md §1, §5).
package struct Visit: Equatable, Sendable {
    package let reference: VisitReference
    package let method: Method
    package let target: RequestTarget
    /// The visitor's `Host`; nil where there is none or it is empty.
    package let host: String?
    /// The visitor's other fields in their order, without framing and hop-by-hop fields, and without claims about where
    /// the request came from.
    package private(set) var headers: HeaderFields
    package let address: VisitorAddress
    /// `http` or `https` where the relay said which one the visitor used.
    package let relayProto: String?
    /// The host that the relay says the visitor asked for.
    package let relayHost: String?
    /// What names the request in every log; nil where the relay gave nothing well-formed.
    package var requestID: RequestID?

    /// Reads the header fields of a relay's answer.
    package init(reference: VisitReference, answer: HeaderFields) throws(VisitRefusal) {
        guard let method = answer.first(FPWField.method).flatMap({ Method($0) }) else { throw .badMethod }
        guard method != .connect else { throw .connect }
        guard (try? answer.checkFraming()) != nil else { throw .badLength }
        self.reference = reference
        self.method = method
        target = try RequestTarget(Array(answer.first(FPWField.url) ?? []), method: method)
        let fields = try Self.visitorFields(in: answer)
        guard !fields.asksForUpgrade else { throw .upgrade }
        address = VisitorAddress(answer: answer, visitor: fields)
        relayProto = fields.first("x-forwarded-proto").flatMap(Self.scheme)
        relayHost = fields.nonEmpty("x-forwarded-host")
        requestID = RequestID(in: fields)
        host = fields.nonEmpty("host")
        headers = fields.endToEnd(without: .host, .origin, .reserved)
    }

    /// Takes `Authorization` out, which was meant for whoever calls this.
    package mutating func removeCredentials() {
        headers.keep { name, _ in !name.isNamed("authorization") }
    }

    private static func visitorFields(in answer: HeaderFields) throws(VisitRefusal) -> HeaderFields {
        do throws(HeaderJSONError) {
            guard let json = answer.first(FPWField.header) else { return HeaderFields() }
            return try HeaderJSON.decode(json)
        } catch {
            throw VisitRefusal(error)
        }
    }

    private static func scheme(_ value: ArraySlice<UInt8>) -> String? {
        if value.equalsIgnoringASCIICase("https") { return "https" }
        return value.equalsIgnoringASCIICase("http") ? "http" : nil
    }
}

extension HeaderFields {
    fileprivate func nonEmpty(_ lowercased: String) -> String? {
        first(lowercased).flatMap { $0.isEmpty ? nil : String(decoding: $0, as: UTF8.self) }
    }
}
