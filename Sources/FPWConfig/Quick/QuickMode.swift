package import FPWProtocol

/// Running without a file: one tunnel, from the command line and the environment.
package struct QuickMode: Sendable, Equatable {
    /// The public name; nil where one is to be drawn, or remembered from an earlier run.
    package let host: String?
    package let upstream: UpstreamAddress
    /// Nil: the host's own, `https://<host>/`.
    package let relay: RelayURL?
    /// Nil: the published one.
    package let token: Token?

    /// Reads the settings; what stands on the command line goes before the environment.
    ///
    /// - Parameters:
    ///   - upstream: `3000`, `localhost:3000`, `https://10.0.0.5`, `unix:/run/app.sock`.
    ///   - host: a full name, or one label below the public platform's domain.
    /// - Throws: everything that is wrong, each with the argument or variable that it is about.
    package init(upstream: String?, host: String?, environment: [String: String]) throws(ConfigErrors) {
        let environment = environment.filter { !$0.value.isEmpty }
        var reader = SettingReader()
        let written = Setting("UPSTREAM", upstream) ?? Setting("FPW_UPSTREAM", environment["FPW_UPSTREAM"])
        let upstreamAddress = reader.read(written, UpstreamAddress.init(abbreviated:))
        if let upstreamAddress, upstreamAddress.reaches(DaemonSettings().adminListen) {
            reader.error(in: written?.name, "\(upstreamAddress) is this program's own admin listener")
        } else if written == nil {
            reader.error(in: "UPSTREAM", "is missing; write what to show, for example: fpwd 3000")
        }
        self.host = reader.read(
            Setting("--host", host) ?? Setting("FPW_HOST", environment["FPW_HOST"]), Self.fullHost)
        relay = reader.read(Setting("FPW_RELAY", environment["FPW_RELAY"]), Self.safeRelay)
        token = reader.read(Setting("FPW_TOKEN", environment["FPW_TOKEN"]), Token.init(checking:))
        guard let upstreamAddress, reader.errors.isEmpty else { throw ConfigErrors(reader.errors) }
        self.upstream = upstreamAddress
    }

    /// What a drawn name belongs to, so that the next run of the same command finds it again.
    package var stateKey: String { "\(relay?.text ?? "*.\(FPWDefaults.publicDomain)") \(upstream)" }

    /// A name below the public platform's domain.
    package static func drawHost(using generator: inout some RandomNumberGenerator) -> String {
        "\(RandomName.draw(using: &generator)).\(FPWDefaults.publicDomain)"
    }

    /// The configuration that serves this host, a full name.
    package func config(host: String) throws(ConfigErrors) -> DaemonConfig {
        var tunnel = TunnelConfig(
            name: "quick", host: host, token: FPWDefaults.publicToken, tokenSource: .publicDefault, upstream: upstream,
            relay: relay ?? RelayURL(defaultFor: host)
        )
        if let token {
            tunnel.token = token
            tunnel.tokenSource = .environment
        }
        guard tunnel.token != FPWDefaults.publicToken || tunnel.mayUsePublishedToken else {
            throw ConfigErrors([refusal(of: tunnel)])
        }
        var config = DaemonConfig()
        config.tunnels = [tunnel]
        config.daemon.inspector = true
        return config
    }

    private func refusal(of tunnel: TunnelConfig) -> Diagnostic {
        let problem =
            token == nil
            ? "is missing for \(tunnel.relay)" : "is the published token, which \(tunnel.relay) must not be sent"
        return Diagnostic(
            .error, in: "FPW_TOKEN",
            "\(problem); set it to that relay's token (the published one is for *.\(FPWDefaults.publicDomain) only)"
        )
    }

    /// `blog` means `blog.28820.com`.
    private static func fullHost(_ text: String) throws(InvalidValue) -> String {
        try HostSyntax.fullName(text.contains(".") ? text : "\(text).\(FPWDefaults.publicDomain)")
    }

    private static func safeRelay(_ text: String) throws(InvalidValue) -> RelayURL {
        let relay = try RelayURL(parsing: text)
        guard relay.isHTTPS || relay.isLoopback else {
            throw InvalidValue(
                "would send the token in clear text; write https://, or use a file with allow_plain_relay = true"
            )
        }
        return relay
    }
}

extension QuickMode {
    /// The variables that say the same as a file.
    package static let variables = ["FPW_HOST", "FPW_TOKEN", "FPW_UPSTREAM", "FPW_RELAY"]

    /// A file and these variables could contradict each other unseen: both together are an error.
    static func variablesBesideFile(_ environment: [String: String]) -> [Diagnostic] {
        variables.filter { environment[$0]?.isEmpty == false }.map { name in
            Diagnostic(.error, in: name, "belongs to quick mode and not beside a configuration file; unset it")
        }
    }
}

/// What was written for one setting, and where.
private struct Setting {
    let name: String
    let text: String

    init?(_ name: String, _ text: String?) {
        guard let text else { return nil }
        self.name = name
        self.text = text
    }
}

/// Reads settings and collects what is wrong with them.
private struct SettingReader {
    private(set) var errors: [Diagnostic] = []

    mutating func error(in name: String?, _ message: String) {
        errors.append(Diagnostic(.error, in: name ?? "UPSTREAM", message))
    }

    mutating func read<Value>(
        _ setting: Setting?, _ parse: (String) throws(InvalidValue) -> Value
    ) -> Value? {
        guard let setting else { return nil }
        do throws(InvalidValue) {
            return try parse(setting.text)
        } catch {
            self.error(in: setting.name, error.hidesValue ? error.reason : "\(quoted(setting.text)) \(error.reason)")
            return nil
        }
    }
}
