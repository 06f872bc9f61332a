import FPWConfig
import FPWProtocol
import FPWTransport

@testable import FPWDaemon

/// One history: tunnels, relays and visitors, with faults, reloads and sleeps as the seed has them; then a long peace, after
/// which everything must be as it should be.
final class Simulation {
    private static let storm = Duration.seconds(40)
    private static let peace = Duration.seconds(230)

    let clock: SimulatedClock
    private let budget: SimulatedBudget
    private var relays: [String: SimulatedRelay] = [:]
    private var roster = TunnelRoster<SimulatedTunnel>()
    private var all: [SimulatedTunnel] = []
    private var config = DaemonConfig()
    private var stormEnds: Moment
    /// Connections break and nothing else: with fpw-relay every visit must be answered.
    private let isGentle: Bool
    /// Single slots, or a share of all POSTs, fail and nothing else does.
    private let isAiling: Bool
    private(set) var complaints: [String] = []

    init(seed: UInt64) throws {
        clock = SimulatedClock(seed: seed)
        stormEnds = clock.now + Self.storm
        isGentle = seed % 3 == 0
        isAiling = seed % 3 == 1
        let isLarge = clock.chance(0.01)
        budget = SimulatedBudget(isCrowded: isLarge)
        for number in 0..<(isLarge ? 30 : Int.random(in: 1...2, using: &clock.random)) {
            let relay = SimulatedRelay(clock, isOurs: isGentle || clock.chance(0.6))
            relay.breaksPercent = clock.chance(0.5) ? Int.random(in: 0...20, using: &clock.random) : 0
            if isAiling { relay.parkTime = clock.milliseconds(1200...5000) }
            relays["t\(number)"] = relay
        }
        apply(try drawConfig())
    }

    func run() throws -> [String] {
        for name in relays.keys.sorted() {
            guard let relay = relays[name] else { continue }
            bringVisitors(to: relay)
            if isAiling {
                infect(relay)
            } else if !isGentle {
                disturb(relay)
            } else if relay.breaksPercent == 0 {
                restart(relay)
            }
        }
        try disturbDaemon()
        clock.run(until: stormEnds)
        for relay in relays.values {
            relay.change(to: .serving)
            relay.breaksPercent = 0
            relay.ailment = nil
            relay.parkTime = .seconds(90)
        }
        clock.run(until: stormEnds + .seconds(100))
        checkThatAllAreBack(orMore: true)
        clock.run(until: stormEnds + Self.peace)
        checkVisits()
        checkThatAllAreBack(orMore: false)
        checkPace()
        if clock.isBusy { complaints.append("a busy loop") }
        return complaints + relays.values.flatMap(\.complaints) + all.flatMap { $0.complaints + $0.audit.complaints }
    }
}

// MARK: - What happens

extension Simulation {
    private func bringVisitors(to relay: SimulatedRelay) {
        let isCrowd = clock.chance(0.05)
        clock.after(clock.milliseconds(1...(isCrowd ? 10_000 : 5000))) { [self] in
            guard clock.now < stormEnds else { return }
            for _ in 0..<(isCrowd ? Int.random(in: 1...40, using: &clock.random) : 1) { relay.visitorCame() }
            bringVisitors(to: relay)
        }
    }

    private func disturb(_ relay: SimulatedRelay) {
        clock.after(clock.milliseconds(100...15_000)) { [self] in
            guard clock.now < stormEnds else { return }
            let mood = SimulatedRelay.Mood.allCases.randomElement(using: &clock.random) ?? .serving
            relay.change(to: mood == .leaving && !relay.isOurs ? .answering503 : mood)
            clock.after(clock.milliseconds(10...12_000)) { [self] in
                // What was being connected to a silent relay takes its time to fail.
                let allowance = Duration.seconds(relay.mood == .silent ? 7 : 2)
                relay.change(to: .serving)
                checkReturn(to: relay, within: allowance + .milliseconds(100))
            }
            disturb(relay)
        }
    }

    private func infect(_ relay: SimulatedRelay) {
        clock.after(clock.milliseconds(1500...4000)) { [self] in
            guard clock.now < stormEnds else { return }
            let isOneSlots = clock.chance(0.7)
            relay.ailment = SimulatedRelay.Ailment(
                slot: isOneSlots ? relay.someSlot() : nil, percent: isOneSlots ? 100 : 30,
                status: [500, 502, 503, 429].randomElement(using: &clock.random) ?? 500,
                retryAfter: clock.chance(0.3) ? [1, 5, 20, 90].randomElement(using: &clock.random) : nil,
                delay: clock.chance(0.5) ? 5 : 4000)
            clock.after(clock.milliseconds(3000...20_000)) { [self] in
                relay.ailment = nil
                infect(relay)
            }
        }
    }

    /// In good order: replies are taken, and soon none is missing.
    private func restart(_ relay: SimulatedRelay) {
        clock.after(clock.milliseconds(100...30_000)) { [self] in
            guard clock.now < stormEnds else { return }
            relay.change(to: .leaving)
            clock.after(.seconds(2)) { [self] in
                let kept = relay.underWay
                if !kept.isEmpty { complaints.append("the replies to \(kept) wait although the relay takes them") }
                relay.change(to: .serving)
                checkReturn(to: relay, within: .milliseconds(2100))
                restart(relay)
            }
        }
    }

    private func disturbDaemon() throws {
        guard clock.chance(0.5) else { return }
        for _ in 0..<Int.random(in: 1...4, using: &clock.random) {
            let config = try drawConfig()
            clock.after(clock.milliseconds(0...35_000)) { [self] in apply(config) }
        }
        if !isGentle, clock.chance(0.5) {
            clock.after(clock.milliseconds(0...35_000)) { [self] in
                for tunnel in roster.all { tunnel.networkChanged() }
            }
        }
        if clock.chance(0.5) { loseUpstream() }
    }

    /// `when_down = "refuse"`: the slots close, and come back with the upstream.
    private func loseUpstream() {
        clock.after(clock.milliseconds(0...25_000)) { [self] in
            guard let tunnel = roster.current.randomElement(using: &clock.random), clock.now < stormEnds else { return }
            tunnel.refuse()
            clock.after(clock.milliseconds(0...10_000)) { [self] in
                tunnel.accept()
                loseUpstream()
            }
        }
    }

    private func drawConfig() throws -> DaemonConfig {
        var config = DaemonConfig()
        for name in relays.keys.sorted() where config.tunnels.isEmpty || clock.chance(0.9) {
            var tunnel = try TunnelConfig.sample()
            tunnel.name = name
            tunnel.workers = Int.random(in: 1...4, using: &clock.random)
            tunnel.maxWorkers = tunnel.workers + Int.random(in: 0...20, using: &clock.random)
            config.tunnels.append(tunnel)
        }
        return config
    }

    private func apply(_ new: DaemonConfig) {
        let plan = ReloadPlan(from: config, to: new).tunnels
        config = new
        for job in roster.apply(plan, make: make) {
            switch job {
            case .run(let tunnel): tunnel.run()
            case .retire(let old, let successor):
                if successor == nil, new.tunnels.contains(where: { $0.name == old.config.name }) {
                    complaints.append("\(old.config.name) ends before its successor is open")
                }
                retire(old, successor)
            }
        }
    }

    private func make(_ config: TunnelConfig, relieving predecessor: SimulatedTunnel?) -> SimulatedTunnel {
        let relay = relays[config.name] ?? SimulatedRelay(clock, isOurs: true)
        let tunnel = SimulatedTunnel(config, clock, relay, budget, relieving: predecessor)
        all.append(tunnel)
        return tunnel
    }

    /// As the supervisor does: the successor first, for ten seconds at most; then a drain of thirty.
    private func retire(_ old: SimulatedTunnel, _ successor: SimulatedTunnel?) {
        var isDraining = false
        let drain = { [self] in
            guard !isDraining else { return }
            isDraining = true
            old.stop(.drain(since: clock.now))
            clock.after(.seconds(30)) { old.stop(.now) }
        }
        old.whenEnded = { [self] in _ = roster.ended(old) }
        guard let successor, !successor.hasRelieved else { return clock.after(.zero, drain) }
        successor.whenRelieved = { [self] in clock.after(.zero, drain) }
        clock.after(.seconds(10), drain)
    }
}

// MARK: - What must be so

extension Simulation {
    private func checkVisits() {
        for (name, relay) in relays {
            for (id, visit) in relay.visits.enumerated() where visit.outcomes.count != 1 {
                complaints.append("\(name): visit \(id) has the outcomes \(visit.outcomes)")
            }
            guard isGentle, config.tunnels.contains(where: { $0.name == name }) else { continue }
            let lost = relay.visits.indices.filter {
                relay.visits[$0].owner != nil && relay.visits[$0].outcomes != [.replied]
            }
            if !lost.isEmpty { complaints.append("\(name): visits \(lost) were lost although the relay resends") }
        }
    }

    private func checkThatAllAreBack(orMore: Bool) {
        for tunnel in roster.current {
            let (name, target) = (tunnel.config.name, tunnel.config.workers)
            let open = tunnel.state.open
            if orMore ? open < target || open > tunnel.config.maxWorkers : open != target {
                complaints.append("\(name) has \(open) open slots, target \(target)")
            }
            if tunnel.state.census.total != tunnel.slots.count {
                complaints.append("\(name) counts \(tunnel.state.census.total) of \(tunnel.slots.count) slots")
            }
        }
        if !roster.retiring.isEmpty { complaints.append("\(roster.retiring.count) tunnels never ended") }
    }

    /// A moment after an outage: the link within the longest pause, then all slots within two seconds.
    private func checkReturn(to relay: SimulatedRelay, within limit: Duration) {
        guard relay.breaksPercent == 0 else { return }
        for tunnel in roster.current where tunnel.relay === relay {
            awaitReturn(of: tunnel, from: clock.now, within: limit)
        }
    }

    private func awaitReturn(of tunnel: SimulatedTunnel, from began: Moment, within limit: Duration) {
        let changes = tunnel.relay.moodChanges
        let refusals = tunnel.refusals
        let isUndisturbed = { [self] in
            tunnel.relay.moodChanges == changes && tunnel.refusals == refusals && tunnel.state.refusingSince == nil
                && roster.current.contains { $0 === tunnel }
        }
        clock.after(limit) { [self] in
            guard isUndisturbed() else { return }
            guard tunnel.state.link.isUp, let cameUpAt = tunnel.cameUpAt, cameUpAt + limit <= clock.now else {
                if began + .seconds(75) <= clock.now { complaints.append("\(tunnel.config.name) does not come back") }
                return awaitReturn(of: tunnel, from: began, within: limit)
            }
            // A connection that died in an earlier silence may be noticed only now.
            guard tunnel.lastFailureAt.map({ $0 + limit <= clock.now }) ?? true else {
                return awaitReturn(of: tunnel, from: began, within: limit)
            }
            guard cameUpAt >= began else { return }
            if tunnel.state.open < tunnel.config.workers {
                complaints.append(
                    "\(tunnel.config.name) has \(tunnel.state.open) of \(tunnel.config.workers) slots "
                        + "\(clock.now - cameUpAt) after its link")
            }
        }
    }

    private func checkPace() {
        for (name, relay) in relays {
            // Two tunnels may be at one relay while a reload exchanges them.
            let bad = relay.attempts.filter { $0.mood != .serving && $0.mood != .lackingDescriptors }.map(\.at)
            if mostWithin(.seconds(60), bad) > 2 * 60 { complaints.append("\(name): more than 60 tries in a minute") }
        }
        if mostWithin(.seconds(1), budget.turns) > 20 { complaints.append("more than 20 tries in a second") }
        if mostWithin(.seconds(60), budget.turns) > 610 { complaints.append("more than 610 tries in a minute") }
    }

    private func mostWithin(_ span: Duration, _ moments: [Moment]) -> Int {
        var first = 0
        var most = 0
        for (index, moment) in moments.enumerated() {
            while moments[first] + span < moment { first += 1 }
            most = max(most, index - first + 1)
        }
        return most
    }
}
