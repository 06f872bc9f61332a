import FPWConfig
import FPWService
import Logging
import ServiceLifecycle
import UnixSignals

/// What the program fpw-relay does; each function returns the process's exit status.
package enum RelayProgram {
    private static let program = ConfiguredProgram(
        name: "fpw-relay", defaultFile: "/etc/fpw-relay.conf", defaultAdmin: ServerAddress(RelaySettings().adminListen)
    ) { file throws(ConfigErrors) in ConfigurationFile(try load(file)) }

    private static func load(_ file: String) throws(ConfigErrors) -> Loaded<RelayConfig> {
        try RelayConfig.load(file: file, certificates: ServerIdentity.check)
    }

    package static var version: String { "fpw-relay \(FPWService.version)" }

    package static var defaultFile: String { program.defaultFile }
    package static var hasDefaultFile: Bool { program.hasDefaultFile }

    /// Serves until SIGTERM or SIGINT.
    package static func run(configFile file: String) async -> Int32 {
        await program.run(file) { config, sink in try await serve(config, sink, file: file) }
    }

    /// See `ConfiguredProgram`.
    package static func check(configFile file: String?, printsEffective: Bool, isQuiet: Bool) async -> Int32 {
        await program.check(file, printsEffective: printsEffective, isQuiet: isQuiet)
    }

    /// Prints the running relay's hosts and slots; see `ConfiguredProgram`.
    ///
    /// - Parameter admin: where to ask; nil: what the configuration says.
    package static func status(configFile file: String?, admin: String?, isJSON: Bool, watches: Bool) async -> Int32 {
        await program.status(try program.place(file, admin), isJSON: isJSON, watches: watches)
    }

    /// Prints the URL of the running relay's status page; see `ConfiguredProgram`.
    package static func pageURL(configFile file: String?, admin: String?) async -> Int32 {
        await program.pageURL(try program.place(file, admin))
    }

    /// Whether the running relay takes visitors; see `ConfiguredProgram`.
    package static func ready(configFile file: String?, admin: String?) async -> Int32 {
        await program.ready(try program.place(file, admin))
    }
}

extension RelayProgram {
    private static func serve(_ config: RelayConfig, _ sink: LogSink, file: String) async throws {
        let manager = ServiceManager()
        let log = sink.logger("fpw-relay")
        let server = try RelayServer(config, ServerIdentity(config.relay), file: file, log: sink, manager)
        let admin = try AdminListener(
            ServerAddress(config.relay.adminListen), program: "fpw-relay", routes: server.adminRoutes,
            logger: sink.logger("admin"))
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let reloader = Reloader(on: hangups, file: file, manager, server.reloads, log) {
            let loaded = try load(file)
            let identity = try ServerIdentity(loaded.config.relay)
            for warning in loaded.warnings { log.warning("\(ConfigurationWarning(warning))") }
            server.apply(loaded.config, identity)
        }
        manager.ready()
        // Its own notices would only repeat ours.
        var lifecycleLogger = sink.logger("lifecycle")
        lifecycleLogger.logLevel = .error
        // The first to start is the last to stop: a relay that goes down can be watched.
        let group = ServiceGroup(
            services: [Watchdog(manager, server.pulse), admin, server, reloader], logger: lifecycleLogger)
        try await StopSignals(manager: manager, log: log).whileRunning(group)
    }
}

extension ConfigurationFile<RelayConfig> {
    init(_ loaded: Loaded<RelayConfig>) {
        let relay = loaded.config.relay
        self.init(
            config: loaded.config, admin: ServerAddress(relay.adminListen),
            logFormat: LogStyle.Format(relay.logFormat), logLevel: Logger.Level(relay.logLevel),
            access: AccessLogSettings(relay.access), warnings: loaded.warnings.map { ConfigurationWarning($0) },
            effectiveText: loaded.effectiveText)
    }
}
