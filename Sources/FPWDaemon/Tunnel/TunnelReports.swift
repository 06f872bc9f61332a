import FPWConfig
import FPWMetrics
import FPWProtocol
import FPWService
import FPWTransport
import Logging

/// What a tunnel tells its operator: log lines and counters.
struct TunnelReports: Sendable {
    private let name: String
    private let host: String
    private let relay: String
    private let upstream: String
    private let metrics: TunnelMetrics
    private let sink: LogSink
    private let log: Logger
    private let observer: TunnelObserver?
    private let exhaustionNamed = Locked<Moment?>(nil)

    init(_ config: TunnelConfig, metrics: TunnelMetrics, sink: LogSink, observer: TunnelObserver?) {
        name = config.name
        host = config.host
        relay = config.relay.text
        upstream = config.upstream.description
        self.metrics = metrics
        self.sink = sink
        self.observer = observer
        var log = sink.logger("tunnel")
        log[metadataKey: "tunnel"] = "\(config.name)"
        self.log = log
    }

    // MARK: The link

    func link(_ event: LinkState.Event, form: SlotState, publicURL: String) {
        observer?(.link(event, form: form, publicURL: publicURL))
        switch event {
        case .cameUp(nil):
            log.notice("tunnel is open", metadata: ["url": "\(publicURL)", "slot": "\(form.rawValue)"])
        case .cameUp(let outage?):
            log.notice("tunnel is open again", metadata: ["url": "\(publicURL)", "after": "\(outage.inSeconds)"])
        case .wentDown(let trouble):
            let level: Logger.Level = trouble.kind == .leaving ? .notice : .error
            log.log(level: level, "\(trouble.summary)", metadata: ["relay": "\(relay)", "cause": "\(trouble.detail)"])
        case .stillDown(let trouble, let since):
            log.debug("\(trouble.summary)", metadata: ["cause": "\(trouble.detail)", "for": "\(since.inSeconds)"])
        }
    }

    /// Trouble of one slot, which leaves the link up.
    func slot(_ trouble: LinkTrouble) {
        // All slots meet it together, again and again.
        if trouble.kind == .exhausted, !mayNameExhaustion() { return }
        // What is of the link has been told as its trouble.
        let level: Logger.Level = trouble.kind == .broken || trouble.isOfTheLink ? .debug : .warning
        log.log(level: level, "\(trouble.summary)", metadata: ["cause": "\(trouble.detail)"])
    }

    private func mayNameExhaustion() -> Bool {
        exhaustionNamed.withLock { named in
            let now = Moment.now
            if let named, now < named + .seconds(60) { return false }
            named = now
            return true
        }
    }

    // MARK: Visits

    var logsVisitorFields: Bool { sink.wantsVisitorFields }

    func served(_ reply: Reply, received: Int) {
        let took = Moment.now - reply.record.startedAt
        reply.record.received = received
        let record = reply.record
        metrics.visits[record.metricMethod, reply.head.status].add()
        if record.upstreamAnswered, let upstream = record.upstreamTook { metrics.upstreamDuration.observe(upstream) }
        metrics.replyDuration.observe(took)
        access(record, sent: reply.body.consumed, took: took, kept: reply.capture?.kept(with: reply))
    }

    /// A rule is about addresses, and the relay does not tell a visitor's; repeats are folded by the log.
    func addressMissing() {
        log.warning(
            "the relay does not tell visitors' addresses: allow admits none of them, and deny sees only what they claim",
            metadata: ["relay": "\(relay)"])
    }

    func dropped(_ reply: Reply, _ reason: Resend.DropReason) {
        metrics.repliesDropped.add()
        let level: Logger.Level = reason == .gone || reason == .maybeTaken ? .info : .warning
        log.log(
            level: level, "a reply was dropped",
            metadata: ["reason": "\(reason.rawValue)", "id": "\(reply.record.id)"])
    }

    /// A visit that ends without a reply of ours: every visit that was handed over is counted once.
    func unanswered(_ record: VisitRecord, status: Int, reason: String) {
        var record = record
        record.status = status
        record.reason = reason
        metrics.visits[record.metricMethod, status].add()
        access(record, sent: 0, took: .now - record.startedAt)
    }

    func upstreamFailed(_ fault: UpstreamFault) {
        metrics.upstreamErrors(fault.page.reason).add()
        log.warning(
            "the upstream gave no answer",
            metadata: ["upstream": "\(upstream)", "reason": "\(fault.page.reason)", "cause": "\(fault.detail)"])
    }

    func fellBack(_ fault: UpstreamFault, to fallback: UpstreamAddress) {
        log.warning(
            "the fallback was asked instead of the upstream",
            metadata: ["upstream": "\(upstream)", "fallback": "\(fallback)", "cause": "\(fault.detail)"])
    }

    func health(_ change: UpstreamHealth.Change, refuses: Bool) {
        switch change {
        case .wentDown(let cause):
            let consequence = refuses ? "; the tunnel closes its slots" : ""
            log.error(
                "the upstream is down\(consequence)", metadata: ["upstream": "\(upstream)", "cause": "\(cause)"])
        case .cameUp: log.notice("the upstream is up again", metadata: ["upstream": "\(upstream)"])
        }
    }

    func cannotCheckHealth(_ failure: TransferFailure) {
        log.error("cannot check the upstream's health", metadata: ["cause": "\(failure.detail)"])
    }

    func replyRefused(_ reply: Reply, status: Int) {
        log.warning(
            "the relay refused a reply's size", metadata: ["status": "\(status)", "id": "\(reply.record.id)"])
    }

    private func access(_ record: VisitRecord, sent: Int, took: Duration, kept: KeptVisit? = nil) {
        observer?(.visit(EndedVisit(tunnel: name, record: record, sent: sent, took: took, kept: kept)))
        sink.write(record.entry(sent: sent)) { line, shown in
            line.add("tunnel", name)
            line.add("id", shown.id)
            line.add("address", shown.address)
            line.add("method", shown.method)
            line.add("target", bytes: shown.target)
            line.add("status", shown.status)
            line.add("received", record.received)
            line.add("sent", sent)
            if let upstream = record.upstreamTook { line.add("upstream_ms", milliseconds: upstream) }
            line.add("took_ms", milliseconds: took)
            if let reason = record.reason { line.add("reason", reason) }
        }
    }
}

extension VisitRecord {
    fileprivate func entry(sent: Int) -> AccessEntry {
        AccessEntry(
            id: id, address: address, method: method, target: Array(target.utf8), status: status, sent: sent,
            referer: referer, userAgent: userAgent)
    }
}

extension Duration {
    /// `3.2 s`, for people.
    var inSeconds: String {
        let tenths = (nanoseconds + 50_000_000) / 100_000_000
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
