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
    /// Bytes of the bodies.
    private(set) var received = 0
    private(set) var sent = 0
    /// Whose counters the visit is counted by.
    var site: Site

    init(began: NIODeadline, site: Site) {
        self.began = began
        self.site = site
    }

    /// Counted as they pass: a download of an hour is seen while it lasts.
    mutating func received(_ count: Int) {
        received += count
        site.metrics.received.add(count)
    }

    mutating func sent(_ count: Int) {
        sent += count
        site.metrics.sent.add(count)
    }

    func write(_ outcome: Outcome, visitor: Visitor) {
        let relay = visitor.relay
        site.metrics.visits[VisitCode(status: status)].add()
        if let failure = outcome.failure { site.metrics.unserved[failure].add() }
        if let placed { site.metrics.queueTime.observe(Duration(placed - began)) }
        let now = visitor.loop.now
        site.metrics.duration.observe(Duration(now - began))
        relay.visits.add(VisitSummary(self, outcome, visitor, ended: now))
        relay.log.write(entry(visitor)) { line, shown in
            line.add("id", shown.id)
            line.add("address", shown.address)
            line.add("host", visitor.head.host?.text ?? "-")
            line.add("method", shown.method)
            line.add("target", bytes: shown.target)
            line.add("status", shown.status)
            line.add("received", received)
            line.add("sent", sent)
            if let placed { line.add("wait_ms", milliseconds: Duration(placed - began)) }
            if let placed, let replied { line.add("reply_ms", milliseconds: Duration(replied - placed)) }
            line.add("total_ms", milliseconds: Duration(now - began))
            outcome.reason.map { line.add("reason", $0) }
        }
    }

    private func entry(_ visitor: Visitor) -> AccessEntry {
        let head = visitor.head
        let wantsFields = visitor.relay.log.wantsVisitorFields
        return AccessEntry(
            id: visitor.requestID.description, address: visitor.address.text, method: head.method.name,
            target: head.target, version: head.isHTTP10 ? "HTTP/1.0" : "HTTP/1.1", status: status ?? 499, sent: sent,
            referer: wantsFields ? head.headers.first("referer").map { Array($0) } : nil,
            userAgent: wantsFields ? head.headers.first("user-agent").map { Array($0) } : nil)
    }
}

extension VisitLog.Outcome {
    /// Why no slot's reply came; nil where one did, or none was sought.
    fileprivate var failure: VisitFailure? {
        if case .page(let reason) = self { VisitFailure(rawValue: reason) } else { nil }
    }

    fileprivate var reason: String? {
        switch self {
        case .replied: nil
        case .page(let reason): reason
        case .brokenOff(let reason): "broken off: \(reason)"
        case .left: "visitor left"
        }
    }
}

extension VisitSummary {
    fileprivate init(_ log: VisitLog, _ outcome: VisitLog.Outcome, _ visitor: Visitor, ended: NIODeadline) {
        self.init()
        took = Duration(ended - log.began)
        at = PageProgram.milliseconds - Int(took / .milliseconds(1))
        requestID = visitor.requestID.description
        place = visitor.head.host?.text ?? "-"
        method = visitor.head.method.name
        target = String(decoding: visitor.head.target, as: UTF8.self)
        status = log.status
        if let placed = log.placed, let replied = log.replied { upstreamTook = Duration(replied - placed) }
        received = log.received
        sent = log.sent
        address = visitor.address.text
        error = outcome.reason
    }
}
