import NIOCore

/// How long a connection is waited for between an answer and the head of its next request.
struct RequestPatience {
    /// For a request's head: from its first byte, the first request's from the connection's beginning.
    static let head = TimeAmount.seconds(10)
    /// For the next request of a visitor's connection.
    static let keepAlive = TimeAmount.seconds(75)

    private var headBegan: NIODeadline?
    private var idleSince: NIODeadline

    init(acceptedAt now: NIODeadline) {
        headBegan = now
        idleSince = now
    }

    mutating func bytesCame(at now: NIODeadline) {
        if headBegan == nil { headBegan = now }
    }

    mutating func headCame() { headBegan = nil }

    mutating func answerEnded(at now: NIODeadline) { idleSince = now }

    func headIsLate(at now: NIODeadline) -> Bool {
        headBegan.map { $0 + Self.head <= now } ?? false
    }

    func isIdle(longerThan limit: TimeAmount, at now: NIODeadline) -> Bool { idleSince + limit <= now }
}
