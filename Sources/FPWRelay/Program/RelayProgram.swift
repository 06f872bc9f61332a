import FPWConfig
import FPWService
import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

/// What the program fpw-relay does; each function returns the process's exit status.
package enum RelayProgram {
    package static let defaultFile = "/etc/fpw-relay.conf"
    package static let version = FPWService.version

    /// Serves until SIGTERM or SIGINT.
    package static func run(configFile file: String) async -> Int32 {
        ProcessSetup.prepare()
        guard let loaded = load(file) else { return ExitStatus.configuration.rawValue }
        let settings = loaded.config.relay
        let log = LogSink(LogStyle.suiting(STDERR_FILENO, format: settings.logFormat == .json ? .json : .text))
        log.level = Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info
        defer { log.flush() }
        do {
            try await serve(loaded.config, log)
            return ExitStatus.success.rawValue
        } catch let failure as BindFailure {
            log.logger("fpw-relay").critical("\(failure)")
            return ExitStatus.configuration.rawValue
        } catch {
            log.logger("fpw-relay").critical("the relay stopped: \(error)")
            return EXIT_FAILURE
        }
    }

    /// Checks a configuration; prints that it is well, or all that is wrong.
    ///
    /// - Parameter printsEffective: also prints every value and where it came from.
    package static func check(configFile file: String, printsEffective: Bool) -> Int32 {
        guard let loaded = load(file) else { return ExitStatus.configuration.rawValue }
        if printsEffective { print(loaded.effectiveText) }
        print("\(file): syntax is ok")
        return ExitStatus.success.rawValue
    }

    /// Prints the running relay's hosts and slots.
    package static func status(configFile file: String) async -> Int32 {
        await ask("/status", file) { print($0.body, terminator: "") }
    }

    /// Whether the running relay takes visitors; says why not.
    package static func ready(configFile file: String) async -> Int32 {
        await ask("/readyz", file) { answer in
            if answer.status != 200 { complain(answer.body) }
        }
    }
}

extension RelayProgram {
    private static func serve(_ config: RelayConfig, _ log: LogSink) async throws {
        let server = try RelayServer(config, log: log)
        let admin = try AdminListener(
            ServerAddress(config.relay.adminListen), routes: server.adminRoutes, logger: log.logger("admin"))
        let manager = ServiceManager()
        manager.ready()
        var lifecycleLogger = log.logger("lifecycle")
        lifecycleLogger.logLevel = .error
        // The first to start is the last to stop: a relay that goes down can be watched.
        try await ServiceGroup(
            services: [admin, server], gracefulShutdownSignals: [.sigterm, .sigint], logger: lifecycleLogger
        ).run()
        manager.stopping()
    }

    /// Nil where the configuration cannot be used; says why.
    private static func load(_ file: String) -> Loaded<RelayConfig>? {
        do throws(ConfigErrors) {
            let loaded = try RelayConfig.load(file: file)
            for warning in loaded.warnings { complain("\(warning)\n") }
            return loaded
        } catch {
            complain("\(error)\n")
            return nil
        }
    }

    private static func ask(_ path: String, _ file: String, _ use: (AdminQuery.Answer) -> Void) async -> Int32 {
        guard let loaded = load(file) else { return ExitStatus.configuration.rawValue }
        let address = loaded.config.relay.adminListen
        do {
            let answer = try await AdminQuery(address: address).get(path)
            use(answer)
            return answer.status == 200 ? ExitStatus.success.rawValue : EXIT_FAILURE
        } catch {
            complain("no relay answers at admin_listen = \"\(address)\": \(error)\n")
            return EXIT_FAILURE
        }
    }

    private static func complain(_ text: String) {
        _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }
}
