/// Who a slot is towards its relay; writes the header fields of its POSTs (PROTOCOL.md §1, §4).
package struct SlotIdentity: Sendable {
    package let slot: SlotID
    /// The fields of a poll, which every other POST carries too.
    package let pollFields: HeaderFields

    package init(host: String, token: Token, slot: SlotID) {
        self.slot = slot
        pollFields = [
            FPWField.host: host,
            FPWField.token: token.secret,
            "user-agent": FPWDefaults.userAgent,
            "content-type": FPWDefaults.contentType,
            FPWField.slot: slot.description,
        ]
    }

    /// The fields of the POST that asks a relay to answer at once.
    package var helloFields: HeaderFields { pollFields.adding(FPWField.hello, FPWField.set) }

    /// The fields of the POST that closes this slot.
    package var drainFields: HeaderFields { pollFields.adding(FPWField.drain, slot.description) }

    /// The fields of the POST that carries a reply.
    ///
    /// - Parameters:
    ///   - isResend: the reply was sent before and may have been taken in part.
    ///   - endsSlot: the relay answers when it has the reply, and parks no poll.
    /// - Throws: where the head is larger than `fpw-header` may be.
    package func replyFields(
        to reference: VisitReference, head: ReplyHead, isResend: Bool = false, endsSlot: Bool = false
    ) throws(HeaderJSONError) -> HeaderFields {
        let json = try HeaderJSON.encode(head.headers)
        var fields = pollFields
        fields.reserveCapacity(bytes: fields.byteCount + json.count + 128, fields: fields.count + 5)
        fields.append(name: reference.fieldName.utf8.span, value: reference.value.span)
        fields.append(name: FPWField.status, value: String(head.status))
        fields.append(name: FPWField.header.utf8.span, value: json.span)
        if isResend { fields.append(name: FPWField.resend, value: FPWField.set) }
        if endsSlot { fields.append(name: FPWField.drain, value: FPWField.drainSelf) }
        return fields
    }
}

extension HeaderFields {
    fileprivate func adding(_ name: String, _ value: String) -> HeaderFields {
        var fields = self
        fields.append(name: name, value: value)
        return fields
    }
}
