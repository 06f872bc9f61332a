/// A visitor's request at fpw-relay, made ready to be handed to a slot (PROTOCOL.md §3).
package struct VisitorRequest: Sendable {
    /// The header fields of the answer that hands the visit to a slot, in both spellings.
    package let answerFields: HeaderFields

    /// What fpw-relay knows about how the visitor reached it.
    package struct Origin: Sendable {
        /// The visitor's address.
        package var address: String
        /// `http` or `https`, as the visitor typed it.
        package var scheme: String
        /// The host that the visitor asked for, with its port.
        package var host: String
        /// The request came through a trusted proxy, whose `x-forwarded-proto` and `-host` are believed.
        package var isFromTrustedProxy: Bool
        /// What names the request in every log.
        package var requestID: RequestID

        package init(
            address: String, scheme: String, host: String, isFromTrustedProxy: Bool, requestID: RequestID = RequestID()
        ) {
            self.requestID = requestID
            self.address = address
            self.scheme = scheme
            self.host = host
            self.isFromTrustedProxy = isFromTrustedProxy
        }
    }

    /// Prepares a visit's fields once, before a slot is found for it.
    ///
    /// - Throws: `.connect`, `.upgrade`, `.badTarget`, `.headerTooLarge`; the visitor gets its status and no slot is used.
    package init(
        id: VisitID, method: Method, target: [UInt8], headers: HeaderFields, origin: Origin
    ) throws(VisitRefusal) {
        guard method != .connect else { throw .connect }
        guard !headers.asksForUpgrade else { throw .upgrade }
        let target = try RequestTarget(target, method: method)
        let json: [UInt8]
        do throws(HeaderJSONError) {
            json = try HeaderJSON.encode(Self.visitorFields(headers, origin))
        } catch {
            throw .headerTooLarge
        }
        let id = id.description
        var fields = HeaderFields()
        fields.reserveCapacity(bytes: json.count + target.bytes.count + 384, fields: 8)
        fields.append(name: FPWField.method, value: method.name)
        fields.append(name: FPWField.url.utf8.span, value: target.bytes.span)
        fields.append(name: FPWField.ip, value: origin.address)
        fields.append(name: FPWField.uip, value: origin.address)
        fields.append(name: FPWField.header.utf8.span, value: json.span)
        fields.append(name: FPWField.id, value: id)
        fields.append(name: FPWField.rid, value: id)
        fields.append(name: FPWField.features, value: RelayFeatures.allText)
        answerFields = fields
    }

    private static func visitorFields(_ headers: HeaderFields, _ origin: Origin) -> HeaderFields {
        var fields = headers
        fields.reserveCapacity(bytes: headers.byteCount + 256, fields: headers.count + 3)
        fields = fields.endToEnd(without: .reserved, .origin)
        let believed = origin.isFromTrustedProxy ? headers : HeaderFields()
        fields.append(name: "x-forwarded-proto", value: believed.firstString("x-forwarded-proto") ?? origin.scheme)
        fields.append(name: "x-forwarded-host", value: believed.firstString("x-forwarded-host") ?? origin.host)
        fields.append(name: RequestID.field, value: origin.requestID.description)
        return fields
    }
}
