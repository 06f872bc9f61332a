/// What a reload of `fpw.conf` has to do. A tunnel is the same one if its name is.
package struct ReloadPlan: Sendable, Equatable {
    package let tunnels: Difference<TunnelConfig>
    package let settings: SettingsChange

    package init(from old: DaemonConfig, to new: DaemonConfig) {
        tunnels = Difference(from: old.tunnels, to: new.tunnels, by: \.name)
        settings = SettingsChange(from: old.daemon, to: new.daemon, by: .daemon)
    }

    package var isEmpty: Bool { tunnels.isEmpty && settings.isEmpty }
}

/// What a reload of `fpw-relay.conf` has to do. A host is the same one if its pattern is.
package struct RelayReloadPlan: Sendable, Equatable {
    package let hosts: Difference<HostConfig>
    package let settings: SettingsChange

    package init(from old: RelayConfig, to new: RelayConfig) {
        hosts = Difference(from: old.hosts, to: new.hosts, by: \.pattern)
        settings = SettingsChange(from: old.relay, to: new.relay, by: .relay)
    }

    package var isEmpty: Bool { hosts.isEmpty && settings.isEmpty }
}
