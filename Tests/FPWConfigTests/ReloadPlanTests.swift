import FPWProtocol
import Testing

@testable import FPWConfig

@Suite("Reload plans")
struct ReloadPlanTests {
    private func tunnel(_ name: String, workers: Int = 10) -> TunnelConfig {
        var tunnel = TunnelConfig(
            name: name, host: "\(name).example.org", token: Token("t"), tokenSource: .inline,
            upstream: UpstreamAddress(.unix(path: "/s")), relay: RelayURL(defaultFor: "\(name).example.org")
        )
        tunnel.workers = workers
        return tunnel
    }

    private func config(_ tunnels: TunnelConfig..., change: (inout DaemonSettings) -> Void = { _ in }) -> DaemonConfig {
        var config = DaemonConfig()
        config.tunnels = tunnels
        change(&config.daemon)
        return config
    }

    @Test("the same configuration asks for nothing")
    func findsNothing() {
        let plan = ReloadPlan(from: config(tunnel("a"), tunnel("b")), to: config(tunnel("b"), tunnel("a")))
        #expect(plan.isEmpty)
        #expect(plan.tunnels.unchanged == [tunnel("b"), tunnel("a")])
    }

    @Test("tunnels are added, removed, changed or unchanged by their names")
    func findsTunnels() {
        let plan = ReloadPlan(
            from: config(tunnel("gone"), tunnel("same"), tunnel("grown")),
            to: config(tunnel("new"), tunnel("grown", workers: 20), tunnel("same"))
        )
        #expect(plan.tunnels.added == [tunnel("new")])
        #expect(plan.tunnels.removed == [tunnel("gone")])
        #expect(plan.tunnels.changed == [.init(old: tunnel("grown"), new: tunnel("grown", workers: 20))])
        #expect(plan.tunnels.unchanged == [tunnel("same")])
        #expect(!plan.isEmpty)
    }

    @Test("a new token alone changes a tunnel")
    func findsTokens() {
        var rotated = tunnel("a")
        rotated.token = Token("u")
        let plan = ReloadPlan(from: config(tunnel("a")), to: config(rotated))
        #expect(plan.tunnels.changed == [.init(old: tunnel("a"), new: rotated)])
    }

    @Test("settings of the daemon change live, or are said to need a restart")
    func findsSettings() {
        let plan = ReloadPlan(
            from: config(),
            to: config {
                $0.logLevel = .debug
                $0.adminListen = .tcp(host: "127.0.0.1", port: 1)
                $0.drainTimeout = .seconds(1)
                $0.loops = 3
                $0.logFormat = .json
                $0.inspector = true
            }
        )
        #expect(plan.settings.live == ["log_level", "drain_timeout"])
        #expect(plan.settings.needRestart == ["log_format", "admin_listen", "loops", "inspector"])
        #expect(!plan.isEmpty)
    }

    @Test("a relay's hosts and settings are compared likewise")
    func findsHosts() {
        var old = RelayConfig()
        old.hosts = [HostConfig(pattern: "a", tokens: [Token("1")]), HostConfig(pattern: "b", tokens: [Token("1")])]
        var new = RelayConfig()
        new.hosts = [HostConfig(pattern: "b", tokens: [Token("1"), Token("2")]), HostConfig(pattern: "c", tokens: [])]
        new.relay.listen = .tcp(host: "::", port: 80)
        new.relay.parkTime = .seconds(60)
        let plan = RelayReloadPlan(from: old, to: new)
        #expect(plan.hosts.added == [new.hosts[1]])
        #expect(plan.hosts.removed == [old.hosts[0]])
        #expect(plan.hosts.changed == [.init(old: old.hosts[1], new: new.hosts[0])])
        #expect(plan.hosts.unchanged == [])
        #expect(plan.settings.live == ["park_time"])
        #expect(plan.settings.needRestart == ["listen"])
        #expect(RelayReloadPlan(from: old, to: old).isEmpty)
    }
}
