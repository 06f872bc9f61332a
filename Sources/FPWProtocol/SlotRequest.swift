/// What a slot asks of fpw-relay with a POST (PROTOCOL.md §1, §4).
package enum SlotRequest: Sendable, Equatable {
    case hello
    case poll
    case reply(SlotReply)
    case drain(SlotID)

    /// Whether a request is a slot's: a POST with both `fpw-host` and `fpw-token`, on any path.
    package static func isSlotPost(method: Method, headers: HeaderFields) -> Bool {
        method == .post && headers.contains(FPWField.host) && headers.contains(FPWField.token)
    }

    /// Reads what the POST's own fields say.
    package init(headers: HeaderFields) throws(SlotRequestError) {
        if let id = Self.id(in: headers) {
            self = .reply(try SlotReply(id: id, headers: headers))
        } else if let drained = headers.first(FPWField.drain) {
            guard let slot = SlotID(drained) else { throw .badSlot }
            self = .drain(slot)
        } else {
            self = headers.contains(FPWField.hello) ? .hello : .poll
        }
    }

    /// The visit that a POST says to answer, without a look at the reply; nil where it names none.
    package static func visit(in headers: HeaderFields) -> VisitID? {
        id(in: headers).flatMap { VisitID($0) }
    }

    private static func id(in headers: HeaderFields) -> ArraySlice<UInt8>? {
        id(FPWField.id, in: headers) ?? id(FPWField.rid, in: headers)
    }

    /// An id that is not empty.
    private static func id(_ name: String, in headers: HeaderFields) -> ArraySlice<UInt8>? {
        headers.first(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The slot that a POST names; nil where it names none, as foreign workers do not.
    package static func slot(in headers: HeaderFields) throws(SlotRequestError) -> SlotID? {
        guard let text = headers.first(FPWField.slot) else { return nil }
        guard let slot = SlotID(text) else { throw .badSlot }
        return slot
    }
}

/// The head of a slot's reply to a visit.
package struct SlotReply: Sendable, Equatable {
    package let id: VisitID
    /// 200…599.
    package let status: Int
    /// The reply's fields as the slot sent them; `ReplyHead` makes them fit for the visitor.
    package let headers: HeaderFields
    /// The slot sent this reply before.
    package let isResend: Bool
    /// The slot ends with this reply: it is answered, not parked.
    package let endsSlot: Bool
}

extension SlotReply {
    init(id: ArraySlice<UInt8>, headers: HeaderFields) throws(SlotRequestError) {
        guard let id = VisitID(id) else { throw .unknownVisit }
        guard let status = headers.first(FPWField.status)?.decimal, (200...599).contains(status) else {
            throw .badStatus
        }
        self.init(
            id: id,
            status: status,
            headers: try Self.replyFields(in: headers),
            isResend: headers.contains(FPWField.resend),
            endsSlot: headers.first(FPWField.drain)?.equalsIgnoringASCIICase(FPWField.drainSelf) == true
        )
    }

    private static func replyFields(in headers: HeaderFields) throws(SlotRequestError) -> HeaderFields {
        guard let json = headers.first(FPWField.header) else { return HeaderFields() }
        do throws(HeaderJSONError) {
            return try HeaderJSON.decode(json)
        } catch {
            throw .badHeader(error)
        }
    }
}

/// Why a slot's POST is refused.
package enum SlotRequestError: Error, Hashable, Sendable {
    /// `fpw-slot` or `fpw-drain` is no slot's id.
    case badSlot
    /// The id is none that this relay gives out.
    case unknownVisit
    case badStatus
    case badHeader(HeaderJSONError)

    /// The status of the answer.
    package var status: Int {
        switch self {
        case .unknownVisit: 409
        case .badSlot, .badStatus, .badHeader: 400
        }
    }
}

extension SlotRequestError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badSlot: "fpw-slot and fpw-drain must be 32 hexadecimal digits"
        case .unknownVisit: "the visit is gone or already answered"
        case .badStatus: "fpw-status must be 200…599"
        case .badHeader(let error): "\(error)"
        }
    }
}
