extension DaemonConfig {
    /// Reads and checks a file.
    ///
    /// - Parameter environment: the process's; the variables of quick mode must not stand beside a file.
    /// - Throws: everything that is wrong, each with its place and what to write instead.
    package static func load(
        file: String, files: some FileReader = SystemFiles(), environment: [String: String] = ProcessEnvironment.current
    ) throws(ConfigErrors) -> Loaded<DaemonConfig> {
        let contents = try files.readConfig(file)
        return try load(contents, file, Surroundings(files: files, environment: environment))
    }

    /// The same for a text that is at hand; `file` names it in messages.
    package static func load(
        text: String, file: String, files: some FileReader = SystemFiles(), environment: [String: String] = [:]
    ) throws(ConfigErrors) -> Loaded<DaemonConfig> {
        let contents = FileContents(bytes: Array(text.utf8), mode: 0o600)
        return try load(contents, file, Surroundings(files: files, environment: environment))
    }

    private static func load(
        _ contents: FileContents, _ file: String, _ surroundings: Surroundings
    ) throws(ConfigErrors) -> Loaded<DaemonConfig> {
        var reader = ConfigReader(contents, file: file, surroundings: surroundings)
        let daemon = reader.readTable(.daemon, defaults: DaemonSettings())
        var rules = TunnelRules(daemon: daemon)
        let tunnels = reader.readTables(.tunnel, defaults: TunnelConfig.unread).map { name, reading in
            rules.apply(to: reading, named: name, &reader)
        }
        reader.refuseUnknownTables()
        reader.add(QuickMode.variablesBesideFile(surroundings.environment))
        var config = DaemonConfig()
        config.daemon = daemon.target
        config.tunnels = tunnels.map(\.target)
        return Loaded(
            config: config, file: file, warnings: try reader.finish(),
            tables: [EffectiveTable(daemon, .daemon)] + tunnels.map { EffectiveTable($0, .tunnel) }
        )
    }
}

extension FileReader {
    /// Reads a configuration file, with an error that names it.
    func readConfig(_ path: String) throws(ConfigErrors) -> FileContents {
        do throws(FileError) {
            return try read(path)
        } catch {
            throw ConfigErrors([Diagnostic(.error, in: path, "cannot be read: \(error.reason)")])
        }
    }
}
