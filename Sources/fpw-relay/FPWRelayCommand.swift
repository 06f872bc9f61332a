import ArgumentParser
import FPWCommands
import FPWRelay

@main
struct FPWRelayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fpw-relay",
        abstract: "Hands the visitors of public host names to the workers that poll for them.",
        usage: """
            fpw-relay [-c FILE]
            fpw-relay -t | -T [-q] [-c FILE]
            fpw-relay status [-c FILE | --admin ADDRESS] [--json] [--watch | --url]
            fpw-relay ready [-c FILE | --admin ADDRESS]
            """,
        discussion: """
            SIGTERM and Ctrl-C finish the visits under way; a second one ends at once.

            Exit status: 0, 64 usage, 69 unavailable, 78 configuration.
            """,
        version: RelayProgram.version,
        subcommands: [Check<RelayProgram>.self, Status<RelayProgram>.self, Ready<RelayProgram>.self])

    @OptionGroup var file: ConfigOption<RelayProgram>

    @Flag(name: .customShort("t"), help: "Check the configuration file and exit.")
    var tests = false

    @Flag(name: .customShort("T"), help: "Check it, print every setting with its origin, and exit.")
    var prints = false

    @OptionGroup var quiet: QuietOption

    func run() async throws {
        throw ExitCode(try await status())
    }

    private func status() async throws -> Int32 {
        if tests || prints {
            return await RelayProgram.check(configFile: file.config, printsEffective: prints, isQuiet: quiet.isQuiet)
        }
        if quiet.isQuiet { throw ValidationError("-q belongs to -t and -T.") }
        guard file.config != nil || RelayProgram.hasDefaultFile else { throw ValidationError(Self.howToStart) }
        return await RelayProgram.run(configFile: file.config ?? RelayProgram.defaultFile)
    }

    private static let howToStart = """
        there is no \(RelayProgram.defaultFile). Start with:
          fpw-relay -c /path/fpw-relay.conf
        """
}

extension RelayProgram: CommandedProgram {
    package static var name: String { "fpw-relay" }
    package static var role: String { "relay" }
    package static var parts: String { "hosts and slots" }
}
