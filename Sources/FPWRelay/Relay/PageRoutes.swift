import FPWMetrics
import FPWProtocol
import FPWService

/// A host, or all hosts below a wildcard, as the status page shows it.
struct PageHost: Encodable, Equatable {
    struct Slots: Encodable, Equatable {
        /// Polls that wait for a visitor.
        let parked: Int
        /// Visits under way.
        let busy: Int
    }

    /// The pattern in the file.
    let name: String
    let url: String
    let slots: Slots
    /// Visitors who wait for a slot.
    let waiting: Int
    /// Since the start.
    let visits: Int
    /// Those that were answered with 5xx.
    let errors: Int
    /// Visits given to slots; one that is given to another slot counts again.
    let handOvers: Int
    let received: Int
    let sent: Int
    let latency: PageLatency

    private enum CodingKeys: String, CodingKey {
        case name, url, slots, waiting, visits, errors, received, sent, latency
        case handOvers = "hand_overs"
    }
}

extension PageHost {
    init(_ pattern: String, _ total: (parked: Int, busy: Int, waiting: Int), _ metrics: SiteMetrics, url: String) {
        self.init(
            name: pattern, url: url, slots: Slots(parked: total.parked, busy: total.busy), waiting: total.waiting,
            visits: VisitCode.allCases.reduce(0) { $0 + Int(metrics.visits[$1].value) },
            errors: Int(metrics.visits[.serverError].value), handOvers: Int(metrics.handOvers.value),
            received: Int(metrics.received.value),
            sent: Int(metrics.sent.value), latency: PageLatency(metrics.duration.snapshot))
    }
}

/// What the status page asks fpw-relay for.
struct PageRoutes: Sendable {
    let relay: Relay
    private let program: PageProgram

    init(_ relay: Relay) {
        self.relay = relay
        program = PageProgram(name: "fpw-relay", visits: relay.visits, inspects: false)
    }

    var table: [String: AdminRoute] {
        ["/": .statusPage, "/ui/state": .page { .json(state(for: $0)) }]
    }

    private func state(for request: AdminRequest) -> PageState<PageHost> {
        let readiness = Readiness(isReady: !relay.isGoingDown, isFileInUse: relay.metrics.reloads.isSuccessful)
        return .relay(
            program, ready: readiness.isReady, problem: readiness.notice,
            hosts: relay.hosts.totals.map { pattern, total in
                let url = relay.live.publicAddress.url(of: pattern, request: [:], isProxied: false)
                return PageHost(pattern, total, relay.metrics.site(pattern), url: url)
            }, for: request)
    }
}
