import Glibc
import Logging
import UnixSignals

/// A server with a configuration file, as its command line sees it: every function that returns a number is a command, says
/// what there is to say, and returns the process's exit status.
///
/// `ConfigError` describes everything that is wrong with a file, each line with its place.
package struct ConfiguredProgram<Config: Sendable, ConfigError: Error & CustomStringConvertible>: Sendable {
    /// How the program names itself in what it says.
    package let name: String
    /// What is used where no file is named, and this one exists.
    package let defaultFile: String
    /// Where a program answers whose file is not known.
    let defaultAdmin: ServerAddress
    let read: @Sendable (_ file: String) throws(ConfigError) -> ConfigurationFile<Config>

    package init(
        name: String, defaultFile: String, defaultAdmin: ServerAddress,
        read: @escaping @Sendable (_ file: String) throws(ConfigError) -> ConfigurationFile<Config>
    ) {
        self.name = name
        self.defaultFile = defaultFile
        self.defaultAdmin = defaultAdmin
        self.read = read
    }

    package var hasDefaultFile: Bool { access(defaultFile, F_OK) == 0 }

    /// Serves what a file says, until `serve` returns.
    package func run(_ file: String, _ serve: (Config, LogSink) async throws -> Void) async -> Int32 {
        ProcessSetup.prepare()
        return await exitStatus {
            let read = try read(file)
            let sink = LogSink(LogStyle.suiting(STDERR_FILENO, format: read.logFormat), level: read.logLevel)
            defer { sink.flush() }
            sink.access = read.access
            for warning in read.warnings { sink.logger(name).warning("\(warning)") }
            try await Self.reopening(sink) { try await serve(read.config, sink) }
            return .success
        }
    }

    /// SIGUSR1 opens log files anew while `body` runs.
    private static func reopening(_ sink: LogSink, _ body: () async throws -> Void) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigusr1)
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { for await _ in signals { sink.reopen() } }
            try await body()
            group.cancelAll()
        }
    }

    /// Checks a file; says that it is well, or all that is wrong.
    ///
    /// - Parameters:
    ///   - file: nil: the default one.
    ///   - printsEffective: also prints every setting with its value and origin.
    ///   - isQuiet: says nothing but that where nothing is wrong.
    package func check(_ file: String?, printsEffective: Bool, isQuiet: Bool) async -> Int32 {
        await exitStatus {
            let file = file ?? defaultFile
            let read = try read(file)
            if !isQuiet {
                for warning in read.warnings { Console.complain("\(warning.place): warning: \(warning.message)") }
                Console.complain("\(name): configuration \(file): syntax is ok")
            }
            if printsEffective { Console.say(read.effectiveText) }
            return .success
        }
    }

    /// Says what went wrong, and what the exit status is by that.
    package func exitStatus(_ body: () async throws -> ExitStatus) async -> Int32 {
        do {
            return try await body().rawValue
        } catch let error as ConfigError {
            Console.complain("\(error)")
            return ExitStatus.configuration.rawValue
        } catch let failure as any ProgramFailure {
            Console.complain("\(name): \(failure)")
            return failure.status.rawValue
        } catch {
            Console.complain("\(name): \(error)")
            return EXIT_FAILURE
        }
    }
}
