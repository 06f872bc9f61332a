import FPWProtocol
import FPWService

/// A visit as quick mode shows it: `14:03:22  200  GET /a?b  3 ms  203.0.113.9`; secrets in the query are hidden.
struct VisitLine {
    let record: VisitRecord
    let took: Duration

    /// - Parameter time: the time of day.
    func text(at time: String) -> String {
        let cause = record.reason.map { "  (\($0))" } ?? ""
        let target = QuerySecrets.shown(record.target)
        let text = "\(time)  \(record.status)  \(record.method) \(target)  \(milliseconds) ms  \(record.address)"
        // The address may be what a visitor claims: nothing of it may steer the terminal.
        return MessageText.clean(Array((text + cause).utf8)[...])
    }

    private var milliseconds: Int64 {
        let (seconds, attoseconds) = took.components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
