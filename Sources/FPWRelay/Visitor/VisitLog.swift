import FPWMetrics
import FPWProtocol
import FPWService
import Logging
import NIOCore

/// What is known of a visit when it ends: its access line and its counters.
struct VisitLog {
    enum Outcome {
        /// The visitor got a slot's reply, whole.
        case replied
        /// The visitor got an error page with this reason.
        case page(String)
        /// The reply was cut short.
        case brokenOff(String)
        /// The visitor left first.
        case left
    }

    let began: NIODeadline
    var placed: NIODeadline?
    var replied: NIODeadline?
    /// Of the answer; nil where none has begun.
    var status: Int?
    var received = 0
    var sent = 0
    var site: Site?

    func write(_ outcome: Outcome, visitor: Visitor) {
        let relay = visitor.relay
        let metrics = site?.metrics ?? relay.unknownSite
        metrics.visits[VisitCode(status: status)].add()
        metrics.received.add(received)
        metrics.sent.add(sent)
        let now = NIODeadline.now()
        relay.log.write(.info, "visit") { line in
            line.add("address", visitor.address.text)
            line.add("host", visitor.head.host?.text ?? "-")
            line.add("method", visitor.head.method.name)
            line.add("target", bytes: visitor.head.target)
            line.add("status", status ?? 499)
            line.add("received", received)
            line.add("sent", sent)
            if let placed { line.add("wait_ms", milliseconds: Duration(placed - began)) }
            if let placed, let replied { line.add("reply_ms", milliseconds: Duration(replied - placed)) }
            line.add("total_ms", milliseconds: Duration(now - began))
            outcome.reason.map { line.add("reason", $0) }
        }
    }
}

extension VisitLog.Outcome {
    fileprivate var reason: String? {
        switch self {
        case .replied: nil
        case .page(let reason): reason
        case .brokenOff(let reason): "broken off: \(reason)"
        case .left: "visitor left"
        }
    }
}
