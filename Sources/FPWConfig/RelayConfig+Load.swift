extension RelayConfig {
    /// Reads and checks a file.
    ///
    /// - Parameter certificates: looks into the files of `tls_certificate` and `tls_key`.
    /// - Throws: everything that is wrong, each with its place and what to write instead.
    package static func load(
        file: String, files: some FileReader = SystemFiles(),
        environment: [String: String] = ProcessEnvironment.current,
        certificates: @escaping CertificateCheck = { _, _ in [] }
    ) throws(ConfigErrors) -> Loaded<RelayConfig> {
        let contents = try files.readConfig(file)
        return try load(contents, file, Surroundings(files: files, environment: environment), certificates)
    }

    /// The same for a text that is at hand; `file` names it in messages.
    package static func load(
        text: String, file: String, files: some FileReader = SystemFiles(), environment: [String: String] = [:],
        certificates: @escaping CertificateCheck = { _, _ in [] }
    ) throws(ConfigErrors) -> Loaded<RelayConfig> {
        let contents = FileContents(bytes: Array(text.utf8), mode: 0o600)
        return try load(contents, file, Surroundings(files: files, environment: environment), certificates)
    }

    private static func load(
        _ contents: FileContents, _ file: String, _ surroundings: Surroundings,
        _ certificates: @escaping CertificateCheck
    ) throws(ConfigErrors) -> Loaded<RelayConfig> {
        var reader = ConfigReader(contents, file: file, surroundings: surroundings)
        let relay = reader.readTable(.relay, defaults: RelaySettings())
        RelayRules.check(relay, &reader)
        TLSRules(check: certificates).apply(to: relay, &reader)
        var rules = HostRules(relay: relay)
        let hosts = reader.readTables(.host) { HostConfig(pattern: $0, tokens: []) }.map { name, reading in
            rules.apply(to: reading, named: name, &reader)
        }
        reader.refuseUnknownTables()
        var config = RelayConfig()
        config.relay = relay.target
        config.hosts = hosts.map(\.target)
        return Loaded(
            config: config, file: file, warnings: try reader.finish(),
            tables: [EffectiveTable(relay, .relay)] + hosts.map { EffectiveTable($0, .host) }
        )
    }
}
