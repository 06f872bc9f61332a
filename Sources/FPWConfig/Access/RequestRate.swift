/// So many requests in so much time: `10/s`. All of them may come at once.
package struct RequestRate: Sendable, Equatable {
    package enum Period: String, Sendable, CaseIterable {
        case second = "s"
        case minute = "m"
        case hour = "h"

        package var duration: Duration {
            switch self {
            case .second: .seconds(1)
            case .minute: .seconds(60)
            case .hour: .seconds(3600)
            }
        }
    }

    package let count: Int
    package let period: Period

    package init(_ count: Int, per period: Period) {
        self.count = count
        self.period = period
    }

    package init(parsing text: String) throws(InvalidValue) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let period = Period(rawValue: String(parts[1])), !parts[0].isEmpty,
            parts[0].allSatisfy({ "0123456789".contains($0) })
        else { throw InvalidValue("is no rate; write \"10/s\", \"600/m\" or \"5000/h\"") }
        guard let count = Int(parts[0]), (1...1_000_000).contains(count) else {
            throw InvalidValue("is outside 1…1000000")
        }
        self.init(count, per: period)
    }
}

extension RequestRate: CustomStringConvertible {
    package var description: String { "\(count)/\(period.rawValue)" }
}
