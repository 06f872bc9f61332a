import FPWMetrics
import FPWProtocol
import FPWTransport

/// What is counted per tunnel; the names are an interface.
struct DaemonMetrics: Sendable {
    let registry: MetricRegistry
    private let slots: Family<Gauge>
    private let slotsMax: Family<Gauge>
    private let up: Family<Gauge>
    let visits: Family<Counter>
    private let visitsRefused: Family<Counter>
    private let upstreamDuration: Family<Histogram>
    private let replyDuration: Family<Histogram>
    private let received = Traffic()
    private let sent = Traffic()
    private let pollOutcomes: Family<Counter>
    private let relayErrors: Family<Counter>
    private let upstreamErrors: Family<Counter>
    private let upstreamUp: Family<Gauge>
    private let upstreamFallbacks: Family<Counter>
    private let repliesResent: Family<Counter>
    private let repliesDropped: Family<Counter>
    let replays: Family<Counter>

    init(registry: MetricRegistry, version: String) {
        self.registry = registry
        registry.gauges("fpwd_build_info", "Always 1; the labels tell what runs.", labels: ["version", "libcurl"])
            .series(version, Curl.version).set(1)
        up = registry.gauges("fpwd_tunnel_up", "Whether the tunnel's relay can be reached.", labels: ["tunnel"])
        slots = registry.gauges("fpwd_slots", "Slots by what they are doing.", labels: ["tunnel", "state"])
        slotsMax = registry.gauges("fpwd_slots_max", "The most slots that the tunnel may open.", labels: ["tunnel"])
        visits = registry.counters(
            "fpwd_visits_total", "Visits by method and by the status that the visitor got.",
            labels: ["tunnel", "method", "code"])
        visitsRefused = registry.counters(
            "fpwd_visits_refused_total", "Visits that the tunnel's access rules kept from the upstream, by reason.",
            labels: ["tunnel", "reason"])
        upstreamDuration = registry.histograms(
            "fpwd_upstream_duration_seconds", "From asking the upstream to the head of its answer.", labels: ["tunnel"],
            bounds: Histogram.latencySeconds)
        replyDuration = registry.histograms(
            "fpwd_reply_duration_seconds", "From a visit's arrival to the end of its reply's upload.",
            labels: ["tunnel"], bounds: Histogram.latencySeconds)
        received.register(
            "fpwd_received_bytes_total", "Bytes of visitors' bodies, as the upstream takes them.", in: registry)
        sent.register("fpwd_sent_bytes_total", "Bytes of replies' bodies, as they leave for the relay.", in: registry)
        pollOutcomes = registry.counters(
            "fpwd_poll_outcomes_total", "How polls ended.", labels: ["tunnel", "outcome"])
        relayErrors = registry.counters(
            "fpwd_relay_errors_total", "Troubles with the relay by reason.", labels: ["tunnel", "reason"])
        upstreamErrors = registry.counters(
            "fpwd_upstream_errors_total", "Visits that the upstream did not answer, by reason.",
            labels: ["tunnel", "reason"])
        upstreamUp = registry.gauges(
            "fpwd_upstream_up", "Whether the upstream's health check finds it well; only with health_path.",
            labels: ["tunnel"])
        upstreamFallbacks = registry.counters(
            "fpwd_upstream_fallbacks_total", "Visits for which the fallback was asked.", labels: ["tunnel"])
        repliesResent = registry.counters(
            "fpwd_replies_resent_total", "Replies that were sent again after a broken POST.", labels: ["tunnel"])
        repliesDropped = registry.counters(
            "fpwd_replies_dropped_total", "Replies that no relay took.", labels: ["tunnel"])
        replays = registry.counters(
            "fpwd_replays_total", "Requests that the status page's inspector sent to the upstream again; no visits.",
            labels: ["tunnel"])
        ProcessMetrics.register(in: registry)
    }

    func tunnel(_ name: String) -> TunnelMetrics {
        // A series that began with its first error would hide it: rates need a sample before.
        for reason in LinkTrouble.reasons { _ = relayErrors.series(name, reason) }
        for reason in UpstreamFault.reasons { _ = upstreamErrors.series(name, reason) }
        return TunnelMetrics(
            up: up.series(name), slots: slots.byCase(name, of: SlotState.self), slotsMax: slotsMax.series(name),
            visits: VisitCounters { [visits] method, status in visits.series(name, method, String(status)) },
            visitsRefused: visitsRefused.byCase(name, of: AccessRefusal.Reason.self),
            upstreamDuration: upstreamDuration.series(name), replyDuration: replyDuration.series(name),
            received: received.tally(name), sent: sent.tally(name),
            pollOutcomes: pollOutcomes.byCase(name, of: PollOutcome.self),
            relayErrors: { reason in relayErrors.series(name, reason) },
            upstreamErrors: { reason in upstreamErrors.series(name, reason) },
            upstreamUp: { upstreamUp.series(name) }, upstreamFallbacks: upstreamFallbacks.series(name),
            repliesResent: repliesResent.series(name), repliesDropped: repliesDropped.series(name))
    }

    /// Forgets what an earlier configuration of the tunnel checked.
    func forgetHealth(of name: String) {
        upstreamUp.removeSeries(where: "tunnel", is: name)
    }

    /// Forgets a tunnel that was removed.
    func remove(tunnel name: String) {
        registry.removeSeries(where: "tunnel", is: name)
        received.remove(name)
        sent.remove(name)
    }
}

/// A tunnel's visits by method and status, each counter resolved once.
final class VisitCounters: Sendable {
    private struct Key: Hashable {
        let method: String
        let status: Int
    }

    private let resolve: @Sendable (_ method: String, _ status: Int) -> Counter
    private let known = Locked<[Key: Counter]>([:])

    init(_ resolve: @escaping @Sendable (_ method: String, _ status: Int) -> Counter) { self.resolve = resolve }

    subscript(method: String, status: Int) -> Counter {
        known.withLock { [resolve] known in
            let key = Key(method: method, status: status)
            if let counter = known[key] { return counter }
            let counter = resolve(method, status)
            known[key] = counter
            return counter
        }
    }
}

/// How a poll ended.
enum PollOutcome: String, MetricLabel {
    case visit, idle, message, refused, gone, tooLarge = "too-large", wait, redirect, failed, broken
}

/// One tunnel's instruments.
struct TunnelMetrics: Sendable {
    let up: Gauge
    let slots: ByCase<SlotState, Gauge>
    let slotsMax: Gauge
    let visits: VisitCounters
    let visitsRefused: ByCase<AccessRefusal.Reason, Counter>
    let upstreamDuration: Histogram
    let replyDuration: Histogram
    let received: ByteTally
    let sent: ByteTally
    let pollOutcomes: ByCase<PollOutcome, Counter>
    let relayErrors: @Sendable (_ reason: String) -> Counter
    let upstreamErrors: @Sendable (_ reason: String) -> Counter
    /// There is none where nobody checks.
    let upstreamUp: @Sendable () -> Gauge
    let upstreamFallbacks: Counter
    let repliesResent: Counter
    let repliesDropped: Counter
}

extension PollOutcome {
    init(_ answer: PollAnswer) {
        switch answer {
        case .visit: self = .visit
        case .idle: self = .idle
        case .message: self = .message
        case .refused: self = .refused
        case .visitGone: self = .gone
        case .replyTooLarge: self = .tooLarge
        case .wait: self = .wait
        case .redirect: self = .redirect
        case .failed: self = .failed
        }
    }
}
