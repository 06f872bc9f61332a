import FPWConfig
import FPWService
import FPWTransport
import Glibc
import Logging

/// What the program fpwd does; each function returns the process's exit status.
package enum DaemonProgram {
    package static let defaultFile = "/etc/fpw.conf"

    package static var version: String { "fpwd \(FPWService.version) (\(Curl.version))" }

    /// Whether something starts without arguments: quick mode by its variable, or the default file.
    package static var hasQuickUpstream: Bool { ProcessEnvironment.current["FPW_UPSTREAM"]?.isEmpty == false }
    package static var hasDefaultFile: Bool { access(defaultFile, F_OK) == 0 }

    /// Serves the tunnels of a file until SIGTERM or SIGINT.
    package static func run(configFile file: String) async -> Int32 {
        ProcessSetup.prepare()
        return await exitStatus {
            let loaded = try load(file)
            let sink = LogSink(
                LogStyle.suiting(STDERR_FILENO, format: LogStyle.Format(loaded.config.daemon.logFormat)),
                level: Logger.Level(loaded.config.daemon.logLevel))
            defer { sink.flush() }
            for warning in loaded.warnings { sink.logger("fpwd").warning("\(warning)") }
            try await Daemon(loaded.config, sink: sink).run(file: file)
            return .success
        }
    }

    /// Shows one local service without a file.
    ///
    /// - Parameter once: ends after the check where an end does not work.
    package static func quick(upstream: String?, host: String?, once: Bool) async -> Int32 {
        ProcessSetup.prepare()
        return await exitStatus {
            let quick = try QuickMode(upstream: upstream, host: host, environment: ProcessEnvironment.current)
            return try await QuickProgram(quick: quick, once: once).run()
        }
    }

    /// Checks a file; says that it is well, or all that is wrong.
    ///
    /// - Parameters:
    ///   - printsEffective: also prints every setting with its value and origin.
    ///   - isQuiet: says nothing where nothing is wrong.
    package static func check(configFile file: String, printsEffective: Bool, isQuiet: Bool) async -> Int32 {
        await exitStatus {
            let loaded = try load(file)
            for warning in loaded.warnings where !isQuiet { Console.complain("\(warning)") }
            if !isQuiet { Console.complain("fpwd: configuration \(file): syntax is ok") }
            if printsEffective { Console.say(loaded.effectiveText) }
            return .success
        }
    }
}

extension DaemonProgram {
    static func load(_ file: String) throws(ConfigErrors) -> Loaded<DaemonConfig> {
        try DaemonConfig.load(file: file, environment: ProcessEnvironment.current)
    }

    /// Says what went wrong, and what the exit status is by that.
    static func exitStatus(_ body: () async throws -> ExitStatus) async -> Int32 {
        do {
            return try await body().rawValue
        } catch let errors as ConfigErrors {
            Console.complain("\(errors)")
            return ExitStatus.configuration.rawValue
        } catch let failure as StartFailure {
            Console.complain("fpwd: \(failure)")
            return failure.status.rawValue
        } catch {
            Console.complain("fpwd: \(error)")
            return EXIT_FAILURE
        }
    }
}

extension LogStyle.Format {
    init(_ format: LogFormat) {
        switch format {
        case .text: self = .text
        case .json: self = .json
        }
    }
}

extension Logger.Level {
    init(_ level: LogLevel) {
        switch level {
        case .trace: self = .trace
        case .debug: self = .debug
        case .info: self = .info
        case .notice: self = .notice
        case .warning: self = .warning
        case .error: self = .error
        case .critical: self = .critical
        }
    }
}
