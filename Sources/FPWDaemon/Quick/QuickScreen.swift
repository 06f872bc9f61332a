import FPWConfig
import FPWService

/// What quick mode shows, and when it gives up: the decisions, without doing anything.
struct QuickScreen {
    enum Event: Sendable {
        case upstream(UpstreamFinding)
        case tunnel(TunnelEvent)
        /// The time within which both ends get a line is over.
        case checkTimeIsUp(Duration)
    }

    enum Effect: Equatable {
        case show(String)
        /// From here on the log's warnings are worth reading; before, the check's lines say the same.
        case showWarnings
        case leave(ExitStatus)
    }

    let tunnel: TunnelConfig
    /// Ends after the check where an end does not work, instead of trying on.
    let once: Bool
    private let hostIsDrawn: Bool
    /// The status page's URL, with its key.
    var page: String?
    private var upstream: UpstreamFinding?
    private var relay: RelayFinding?
    private var hasBanner = false
    private var isDecided = false

    /// - Parameter hostIsDrawn: the user has named none.
    init(_ tunnel: TunnelConfig, once: Bool, hostIsDrawn: Bool = false) {
        self.tunnel = tunnel
        self.hostIsDrawn = hostIsDrawn
        self.once = once
    }

    /// - Parameter time: the time of day, for an access line.
    mutating func effects(of event: Event, at time: String) -> [Effect] {
        switch event {
        case .upstream(let finding):
            upstream = finding
            return [.show(finding.line(for: tunnel.upstream))] + verdict()
        case .tunnel(.visit(let visit)):
            return [.show(VisitLine(record: visit.record, took: visit.took).text(at: time))]
        case .tunnel(.link(.cameUp, let form, let url)):
            return opened(form, url)
        case .tunnel(.link(.wentDown(let trouble), _, _)):
            return hasBanner ? [] : found(.trouble(trouble))
        case .tunnel(.link(.stillDown, _, _)):
            return []
        case .checkTimeIsUp(let limit):
            return relay == nil ? found(.silent(within: limit)) : []
        }
    }

    private mutating func opened(_ form: SlotState, _ url: String) -> [Effect] {
        let effects = found(.open(form))
        guard !hasBanner else { return effects }
        hasBanner = true
        return effects + [.show(QuickBanner(url: url, tunnel: tunnel, page: page).text), .showWarnings]
    }

    private mutating func found(_ finding: RelayFinding) -> [Effect] {
        relay = finding
        return [.show(finding.line(for: tunnel, hostIsDrawn: hostIsDrawn))] + verdict()
    }

    /// Both ends' first findings end the check.
    private mutating func verdict() -> [Effect] {
        guard !isDecided, let upstream, let relay else { return [] }
        isDecided = true
        if upstream.isGood && relay.isGood { return [] }
        guard once else { return [.show("  fpwd keeps trying; Ctrl-C ends it.")] }
        return [.leave(relay.isRefusal ? .refused : .unavailable)]
    }
}
