import FPWConfig

/// Something that runs by a tunnel's configuration.
protocol Configured: AnyObject, Sendable {
    var config: TunnelConfig { get }
}

/// Which tunnels the configuration asks for, and which only finish what they have begun.
struct TunnelRoster<Tunnel: Configured>: Sendable {
    enum Job: Sendable {
        case run(Tunnel)
        /// New before old: the tunnel goes on serving until its successor relieves it.
        case retire(Tunnel, successor: Tunnel?)
    }

    private(set) var current: [Tunnel] = []
    private(set) var retiring: [Tunnel] = []

    var all: [Tunnel] { current + retiring }

    /// Makes the tunnels those of a changed file; unchanged ones are not touched.
    ///
    /// A tunnel is made and listed in one step: its predecessor, ending meanwhile, must not take its metrics away.
    ///
    /// - Parameter make: gets the tunnel that the new one is to relieve.
    mutating func apply(
        _ plan: Difference<TunnelConfig>, make: (TunnelConfig, _ predecessor: Tunnel?) -> Tunnel
    ) -> [Job] {
        var jobs: [Job] = []
        for config in plan.added { jobs.append(.run(add(make(config, nil)))) }
        for change in plan.changed {
            let predecessor = take(change.old.name)
            let successor = add(make(change.new, predecessor))
            jobs.append(.run(successor))
            if let predecessor { jobs.append(.retire(predecessor, successor: successor)) }
        }
        for config in plan.removed {
            if let tunnel = take(config.name) { jobs.append(.retire(tunnel, successor: nil)) }
        }
        return jobs
    }

    /// The tunnel's last slot has ended.
    /// - Returns: whether no other one has its name.
    mutating func ended(_ tunnel: Tunnel) -> Bool {
        retiring.removeAll { $0 === tunnel }
        return !all.contains { $0.config.name == tunnel.config.name }
    }

    private mutating func add(_ tunnel: Tunnel) -> Tunnel {
        current.append(tunnel)
        return tunnel
    }

    private mutating func take(_ name: String) -> Tunnel? {
        guard let index = current.firstIndex(where: { $0.config.name == name }) else { return nil }
        let tunnel = current.remove(at: index)
        retiring.append(tunnel)
        return tunnel
    }
}
