import FPWMetrics
import FPWService
import FPWTransport

/// A tunnel as the status page shows it.
struct PageTunnel: Equatable {
    let report: StatusReport.Tunnel
    /// Visits that were answered with 5xx.
    let errors: Int
    let received: Int
    let sent: Int
    let latency: PageLatency
    /// Nil where nobody has checked.
    let upstreamIsUp: Bool?
}

extension PageTunnel {
    init(_ tunnel: Tunnel, visits: VisitCount) {
        self.init(
            report: StatusReport.Tunnel(tunnel, visits: visits.all), errors: visits.errors,
            received: tunnel.metrics.received.total, sent: tunnel.metrics.sent.total,
            latency: PageLatency(tunnel.metrics.replyDuration.snapshot), upstreamIsUp: tunnel.health.isKnownUp)
    }
}

extension PageTunnel: Encodable {
    private enum Key: String, CodingKey {
        case link, errors, received, sent, latency
        case upstreamIsUp = "upstream_up"
    }

    /// What `/status` says, and more; the link in one of four words.
    func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(report.link.pageWord, forKey: .link)
        try object.encode(errors, forKey: .errors)
        try object.encode(received, forKey: .received)
        try object.encode(sent, forKey: .sent)
        try object.encode(latency, forKey: .latency)
        try object.encode(upstreamIsUp, forKey: .upstreamIsUp)
    }
}

extension LinkPhase {
    /// `up`, `down`, `starting` or `stopping`.
    fileprivate var pageWord: String {
        if isStopping { return "stopping" }
        return isUp ? "up" : trouble == nil ? "starting" : "down"
    }
}

extension UpstreamHealth {
    /// Nil where nobody has checked.
    fileprivate var isKnownUp: Bool? {
        switch condition {
        case .unchecked: nil
        case .up: true
        case .down: false
        }
    }
}

/// A tunnel's visits since the start.
struct VisitCount: Equatable {
    var all = 0
    /// Those that were answered with 5xx.
    var errors = 0
}

extension DaemonMetrics {
    /// By tunnel, over all methods and statuses.
    var visitCounts: [String: VisitCount] {
        visits.snapshot.series.reduce(into: [:]) { counts, series in
            guard let tunnel = series.labelValues.first, case .number(let count) = series.value else { return }
            counts[tunnel, default: VisitCount()].all += Int(count)
            if series.labelValues.last?.hasPrefix("5") == true { counts[tunnel]?.errors += Int(count) }
        }
    }
}
