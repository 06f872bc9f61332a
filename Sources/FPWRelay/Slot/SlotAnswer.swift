import FPWProtocol

/// An answer to a slot that hands over no visit (PROTOCOL.md §2, §4).
struct SlotAnswer: Sendable {
    let status: Int
    var fields: HeaderFields = [:]
    /// What is wrong, for whoever reads the worker's log.
    var text = ""
    /// Ends the connection with it.
    var closes = false
}

extension SlotAnswer {
    /// Nothing came, or the slot is closed: poll again, unless draining.
    static let idle = SlotAnswer(status: 204)

    static func hello(publicURL: String) -> SlotAnswer {
        SlotAnswer(status: 204, fields: [FPWField.publicURL: publicURL])
    }

    static func drained(_ result: DrainResult<SlotPost>) -> SlotAnswer {
        let word =
            switch result {
            case .parked: "parked"
            case .busy: "busy"
            case .unknown: "unknown"
            }
        return SlotAnswer(status: 204, fields: [FPWField.drained: word])
    }

    static let gone = SlotAnswer(status: 409, text: "the visit is gone or already answered")

    static let goneAndGoingDown = SlotAnswer(
        status: 409, fields: ["retry-after": "1"], text: "the visit is gone, and the relay is about to restart")

    static let goingDown = SlotAnswer(
        status: 503, fields: ["retry-after": "1"], text: "the relay is about to restart")

    /// The same to a POST whose reply was taken: a 503 would say that it was not.
    static let takenAndGoingDown = SlotAnswer(status: 204, fields: ["retry-after": "1"])

    /// The same for an unknown host and a wrong token: nobody learns which hosts there are.
    static let forbidden = SlotAnswer(status: 403, text: "this relay does not serve this host with this token")

    static func tooManyNames(below pattern: String, limit: Int) -> SlotAnswer {
        SlotAnswer(
            status: 403,
            text: "\(pattern) has \(limit) names already, the most that it may have; "
                + "one makes room when its last slot is gone")
    }

    static func tooManySlots(_ host: String, limit: Int) -> SlotAnswer {
        SlotAnswer(
            status: 429, fields: ["retry-after": "30"],
            text: "\(host) has \(limit) slots already, the most that it may have (max_slots)")
    }

    static func held(_ host: String, below pattern: String) -> SlotAnswer {
        SlotAnswer(
            status: 403,
            text: "\(host) is served with another token of \(pattern); "
                + "it is free when the last slot with that token is gone")
    }

    static let tooManyRefusals = SlotAnswer(
        status: 429, fields: ["retry-after": "60"], text: "too many refused tokens from this address",
        closes: true)

    static func bad(_ error: SlotRequestError) -> SlotAnswer {
        SlotAnswer(status: error.status, text: "\(error)")
    }

    static let lateBody = SlotAnswer(status: 408, text: "the request's body has not come in time")

    static let unexpectedBody = SlotAnswer(status: 400, text: "a body belongs to a reply only, and fpw-id names none")
}
