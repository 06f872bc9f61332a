import FPWConfig
import FPWService
import FPWTransport
import Logging

/// What the program fpwd does; each function returns the process's exit status.
package enum DaemonProgram {
    private static let program = ConfiguredProgram(
        name: "fpwd", defaultFile: "/etc/fpw.conf", defaultAdmin: ServerAddress(DaemonSettings().adminListen)
    ) { file throws(ConfigErrors) in ConfigurationFile(try DaemonConfig.load(file: file), file: file) }

    package static var version: String { "fpwd \(FPWService.version) (\(Curl.version))" }

    package static var defaultFile: String { program.defaultFile }
    package static var hasDefaultFile: Bool { program.hasDefaultFile }

    /// Whether quick mode is asked for by its variable.
    package static var hasQuickUpstream: Bool { ProcessEnvironment.current["FPW_UPSTREAM"]?.isEmpty == false }

    /// Serves the tunnels of a file until SIGTERM or SIGINT.
    package static func run(configFile file: String) async -> Int32 {
        await program.run(file) { config, sink in try await Daemon(config, file: file, sink: sink).run() }
    }

    /// Shows one local service without a file.
    ///
    /// - Parameter once: ends after the check where an end does not work.
    package static func quick(upstream: String?, host: String?, once: Bool) async -> Int32 {
        ProcessSetup.prepare()
        return await program.exitStatus {
            let quick = try QuickMode(upstream: upstream, host: host, environment: ProcessEnvironment.current)
            return try await QuickProgram(quick: quick, once: once).run()
        }
    }

    /// See `ConfiguredProgram`.
    package static func check(configFile file: String?, printsEffective: Bool, isQuiet: Bool) async -> Int32 {
        await program.check(file, printsEffective: printsEffective, isQuiet: isQuiet)
    }

    /// Prints the running daemon's tunnels; see `ConfiguredProgram`.
    ///
    /// - Parameter admin: where to ask; nil: what the configuration says.
    package static func status(configFile file: String?, admin: String?, isJSON: Bool, watches: Bool) async -> Int32 {
        await program.status(try program.place(file, admin), isJSON: isJSON, watches: watches)
    }

    /// Prints the URL of the running daemon's status page; see `ConfiguredProgram`.
    package static func pageURL(configFile file: String?, admin: String?) async -> Int32 {
        await program.pageURL(try program.place(file, admin))
    }

    /// Whether the running daemon serves visitors on every tunnel; see `ConfiguredProgram`.
    package static func ready(configFile file: String?, admin: String?) async -> Int32 {
        await program.ready(try program.place(file, admin))
    }
}

extension StartFailure: ProgramFailure {}

extension ConfigurationFile<DaemonConfig> {
    private static func shortage(_ config: DaemonConfig, in file: String) -> [ConfigurationWarning] {
        let warning = DescriptorNeed(config).warning(limit: ProcessSetup.raiseDescriptorLimit())
        return warning.map { [ConfigurationWarning(in: file, at: nil, $0)] } ?? []
    }

    init(_ loaded: Loaded<DaemonConfig>, file: String) {
        let daemon = loaded.config.daemon
        self.init(
            config: loaded.config, admin: ServerAddress(daemon.adminListen),
            logFormat: LogStyle.Format(daemon.logFormat), logLevel: Logger.Level(daemon.logLevel),
            access: AccessLogSettings(daemon.access),
            warnings: loaded.warnings.map { ConfigurationWarning($0) } + Self.shortage(loaded.config, in: file),
            effectiveText: loaded.effectiveText)
    }
}
