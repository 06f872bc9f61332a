/// Whether a tunnel's upstream is well, by its health checks: two failures in a row turn it down, one success up.
struct UpstreamHealth: Equatable, Sendable {
    enum Condition: String, Sendable {
        /// No check has said anything, or there is none.
        case unchecked
        case up
        case down
    }

    /// What one check found.
    enum Finding: Equatable, Sendable {
        case healthy
        /// With the cause, for the operator.
        case failed(String)
    }

    enum Change: Equatable, Sendable {
        case wentDown(cause: String)
        case cameUp
    }

    static let failuresThatTurnDown = 2

    private(set) var condition = Condition.unchecked
    /// Why it is down.
    private(set) var cause: String?
    private var failuresInARow = 0

    var isDown: Bool { condition == .down }

    /// Takes in a check; returns what the operator should hear of.
    mutating func checked(_ finding: Finding) -> Change? {
        switch finding {
        case .healthy:
            defer { self = UpstreamHealth(condition: .up) }
            return isDown ? .cameUp : nil
        case .failed(let cause):
            failuresInARow += 1
            if isDown { self.cause = cause }
            guard !isDown, failuresInARow >= Self.failuresThatTurnDown else { return nil }
            condition = .down
            self.cause = cause
            return .wentDown(cause: cause)
        }
    }
}

extension UpstreamHealth {
    init(condition: Condition) { self.condition = condition }
}

extension UpstreamHealth.Finding {
    /// By the status of the answer: 2xx and 3xx are healthy.
    init(status: Int) {
        self = (200..<400).contains(status) ? .healthy : .failed("it answers \(status)")
    }
}
