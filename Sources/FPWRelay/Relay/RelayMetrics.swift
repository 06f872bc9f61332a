import FPWConfig
import FPWMetrics
import FPWService

/// What the relay counts. The label `host` is a configured pattern, never a visitor's word.
struct RelayMetrics: Sendable {
    let registry = MetricRegistry()
    /// Visits that ended, by the class of the status that the visitor got.
    let visits: Family<Counter>
    /// Times that a visit was handed to a slot.
    let handOvers: Family<Counter>
    /// Hand-overs of a visit that had been handed over before.
    let repeats: Family<Counter>
    /// Visitors who got a page in place of a slot's reply.
    let unserved: Family<Counter>
    /// From a visitor's arrival to the hand-over of the visit.
    let queueTime: Family<Histogram>
    /// From a visitor's arrival to the end of the visit.
    let duration: Family<Histogram>
    /// Body bytes that visitors sent.
    let received: Family<Counter>
    /// Body bytes that visitors were sent.
    let sent: Family<Counter>
    /// Slots that were turned away.
    let refusedTokens: Counter
    /// Slots with a good token that were turned away all the same.
    let refusedSlots: Family<Counter>
    /// Visitors who were cut off because their request came too slowly.
    let slowRequests: ByCase<SlowPart, Counter>
    /// Connections that were turned away because their address has as many as it may have.
    let refusedConnections: Counter
    /// Slots that were turned away because their wildcard has as many names as it may have.
    let refusedNames: Family<Counter>
    /// Messages of a peer that break HTTP or the protocol.
    let protocolErrors: Family<Counter>
    /// Connections that were answered 503 because no descriptor was free.
    let turnedAway: Counter
    /// Whether the file on disk is in use.
    let reloads: ReloadMetrics

    init() {
        registry.gauges("fpw_relay_build_info", "Always 1; the label tells the version.", labels: ["version"])
            .series(FPWService.version).set(1)
        visits = registry.counters(
            "fpw_relay_visits_total",
            "Visitors' requests that ended, by the class of the status that was sent; left: the visitor went before that.",
            labels: ["host", "code"])
        handOvers = registry.counters(
            "fpw_relay_hand_overs_total",
            "Times that a visit was handed to a slot. Without the repeats it is the number of visits that slots were given.",
            labels: ["host"])
        repeats = registry.counters(
            "fpw_relay_repeats_total",
            "Hand-overs of a visit that had been handed over before, because its slot was lost.", labels: ["host"])
        unserved = registry.counters(
            "fpw_relay_unserved_visitors_total",
            "Visitors who got an error page of the relay because no slot's reply came, by the word that stands in the log.",
            labels: ["host", "reason"])
        queueTime = registry.histograms(
            "fpw_relay_queue_seconds", "From a visitor's arrival to the hand-over to the slot that answered.",
            labels: ["host"], bounds: Histogram.latencySeconds)
        duration = registry.histograms(
            "fpw_relay_visit_duration_seconds", "From a visitor's arrival to the end of the answer.", labels: ["host"],
            bounds: Histogram.latencySeconds)
        received = registry.counters(
            "fpw_relay_received_bytes_total", "Body bytes that visitors sent, counted as they pass.", labels: ["host"])
        sent = registry.counters(
            "fpw_relay_sent_bytes_total", "Body bytes that visitors were sent, counted as they pass.", labels: ["host"])
        refusedTokens = registry.counter(
            "fpw_relay_refused_tokens_total", "Requests of slots with a wrong token or an unknown host.")
        refusedSlots = registry.counters(
            "fpw_relay_refused_slots_total",
            "Slots with a good token that were refused, because their host has its share, or the name is another token's.",
            labels: ["host", "reason"])
        slowRequests = registry.counters(
            "fpw_relay_slow_requests_total",
            "Requests that were cut off because a part of them, the head or the body, came too slowly.",
            labels: ["part"]
        ).byCase(of: SlowPart.self)
        refusedConnections = registry.counter(
            "fpw_relay_refused_connections_total",
            "Connections that were refused because their address had as many as one may have.")
        refusedNames = registry.counters(
            "fpw_relay_refused_names_total",
            "Requests of slots for one name more than a wildcard may have at the same time.", labels: ["host"])
        protocolErrors = registry.counters(
            "fpw_relay_protocol_errors_total", "Messages that break HTTP or the protocol.", labels: ["reason"])
        turnedAway = registry.counter(
            "fpw_relay_turned_away_total", "Connections that were answered 503 because no file descriptor was free.")
        reloads = ReloadMetrics(registry: registry, prefix: "fpw_relay")
    }

    /// The tables of a configuration, with their series.
    func sites(_ hosts: [HostConfig]) -> [Site] {
        hosts.map {
            Site(pattern: $0.pattern, tokens: $0.tokens, maxSlots: $0.maxSlots, metrics: site($0.pattern))
        }
    }

    /// The series of one pattern; `unknown` stands for requests that no pattern covers.
    func site(_ pattern: String) -> SiteMetrics {
        SiteMetrics(
            visits: visits.byCase(pattern, of: VisitCode.self), handOvers: handOvers.series(pattern),
            repeats: repeats.series(pattern), unserved: unserved.byCase(pattern, of: VisitFailure.self),
            queueTime: queueTime.series(pattern), duration: duration.series(pattern),
            received: received.series(pattern),
            sent: sent.series(pattern), refusedNames: refusedNames.series(pattern),
            refusedSlots: refusedSlots.byCase(pattern, of: SlotRefusal.self))
    }

    /// Registers what is known of the certificate.
    func observe(_ identity: Locked<ServerIdentity?>) {
        registry.observed(
            "fpw_relay_certificate_not_after_timestamp_seconds",
            "Until when the certificate counts that new connections are shown, in seconds since the epoch."
        ) {
            identity.withLock(\.self).map { [FamilySnapshot.Series(value: .number(Double($0.notAfter)))] } ?? []
        }
    }

    /// Registers what is read from the hosts when somebody asks.
    func observe(_ hosts: HostTable, _ log: LogSink) {
        log.register("fpw_relay_log_dropped_total", in: registry)
        registry.observed(
            "fpw_relay_hosts",
            "Host names that the relay knows: those of tables, and those below a wildcard with slots."
        ) {
            [FamilySnapshot.Series(value: .number(Double(hosts.all.count)))]
        }
        registry.observed(
            "fpw_relay_slots", "Slots that are here: parked ones wait for a visitor, busy ones have a visit.",
            labels: ["host", "state"]
        ) {
            hosts.totals.flatMap { pattern, total in
                [("busy", total.busy), ("parked", total.parked)].map { state, count in
                    FamilySnapshot.Series(labelValues: [pattern, state], value: .number(Double(count)))
                }
            }
        }
        registry.observed("fpw_relay_waiting_visitors", "Visitors that wait for a slot.", labels: ["host"]) {
            hosts.totals.map { pattern, total in
                FamilySnapshot.Series(labelValues: [pattern], value: .number(Double(total.waiting)))
            }
        }
        ProcessMetrics.register(in: registry)
    }
}

/// The instruments of one pattern, resolved once.
struct SiteMetrics: Sendable {
    let visits: ByCase<VisitCode, Counter>
    let handOvers: Counter
    let repeats: Counter
    let unserved: ByCase<VisitFailure, Counter>
    let queueTime: Histogram
    let duration: Histogram
    let received: Counter
    let sent: Counter
    let refusedNames: Counter
    let refusedSlots: ByCase<SlotRefusal, Counter>
}

/// What of a request came too slowly.
enum SlowPart: String, MetricLabel {
    case head, body
}

/// What became of a visit, for the label `code`.
enum VisitCode: String, MetricLabel {
    case success = "2xx"
    case redirect = "3xx"
    case clientError = "4xx"
    case serverError = "5xx"
    /// The visitor left before an answer began.
    case left

    init(status: Int?) {
        switch status {
        case nil: self = .left
        case let status? where status < 300: self = .success
        case let status? where status < 400: self = .redirect
        case let status? where status < 500: self = .clientError
        default: self = .serverError
        }
    }
}

extension HostTable {
    /// Slots and visitors by pattern, in its order.
    var totals: [(pattern: String, total: (parked: Int, busy: Int, waiting: Int))] {
        var sums: [String: (parked: Int, busy: Int, waiting: Int)] = [:]
        for host in all {
            let status = host.status
            var sum = sums[host.site.pattern] ?? (0, 0, 0)
            sum = (sum.parked + status.parked, sum.busy + status.busy, sum.waiting + status.waiting)
            sums[host.site.pattern] = sum
        }
        return sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
