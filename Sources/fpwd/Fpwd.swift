import ArgumentParser
import FPWCommands
import FPWDaemon

@main
struct Fpwd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fpwd",
        abstract: "Makes a local web service reachable from the internet.",
        usage: """
            fpwd [--host HOST] [--once] UPSTREAM
            fpwd [-c FILE]
            fpwd -t | -T [-q] [-c FILE]
            fpwd status [-c FILE | --admin ADDRESS] [--json] [--watch | --url]
            fpwd ready [-c FILE | --admin ADDRESS]
            """,
        discussion: """
            Without a file (quick mode): `fpwd 3000` shows http://127.0.0.1:3000 under a name that is drawn once and kept. \
            FPW_HOST, FPW_UPSTREAM, FPW_RELAY and FPW_TOKEN say the same as arguments; a token is never an argument.

            With a file: `fpwd -c /etc/fpw.conf` runs all its tunnels. SIGTERM and Ctrl-C finish the visits under way; \
            a second one ends at once.

            Exit status: 0, 64 usage, 69 unavailable, 77 refused by the relay, 78 configuration.
            """,
        version: DaemonProgram.version,
        subcommands: [Check<DaemonProgram>.self, Status<DaemonProgram>.self, Ready<DaemonProgram>.self])

    @Argument(help: "The local service: 3000, localhost:3000, https://10.0.0.5 or unix:/run/app.sock.")
    var upstream: String?

    @Option(help: "The public name; `blog` means blog.28820.com. Default: a drawn one.")
    var host: String?

    @Flag(help: "End with 69 or 77 where the check fails, instead of trying on.")
    var once = false

    @OptionGroup var file: ConfigOption<DaemonProgram>

    @Flag(name: .customShort("t"), help: "Check the configuration file and exit.")
    var tests = false

    @Flag(name: .customShort("T"), help: "Check it, print every setting with its origin, and exit.")
    var prints = false

    @OptionGroup var quiet: QuietOption

    func validate() throws {
        let isQuick = upstream != nil || host != nil || once
        if isQuick, file.config != nil || tests || prints {
            throw ValidationError("UPSTREAM, --host and --once belong to quick mode, which has no configuration file.")
        }
        if isQuick, upstream == nil, !DaemonProgram.hasQuickUpstream {
            throw ValidationError("UPSTREAM is missing; write what to show, for example: fpwd 3000")
        }
        if quiet.isQuiet, !tests, !prints { throw ValidationError("-q belongs to -t and -T.") }
    }

    func run() async throws {
        throw ExitCode(try await status())
    }

    private func status() async throws -> Int32 {
        if tests || prints {
            return await DaemonProgram.check(
                configFile: file.config, printsEffective: prints, isQuiet: quiet.isQuiet)
        }
        if let config = file.config { return await DaemonProgram.run(configFile: config) }
        if upstream != nil || DaemonProgram.hasQuickUpstream {
            return await DaemonProgram.quick(upstream: upstream, host: host, once: once)
        }
        guard DaemonProgram.hasDefaultFile else { throw ValidationError(Self.howToStart) }
        return await DaemonProgram.run(configFile: DaemonProgram.defaultFile)
    }

    private static let howToStart = """
        there is neither \(DaemonProgram.defaultFile) nor a service to show. Start with one of:
          fpwd 3000                 show http://127.0.0.1:3000, without a file
          fpwd -c /path/fpw.conf    run the tunnels of a file
        """
}

extension Fpwd {
    /// The words of the subcommands would be taken for UPSTREAM: they are looked for first.
    static func main() async {
        var arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "help" { arguments = arguments.dropFirst().prefix(1) + ["--help"] }
        let subcommand = configuration.subcommands.first { $0.configuration.commandName == arguments.first }
        if let subcommand = subcommand as? any AsyncParsableCommand.Type {
            await subcommand.main(Array(arguments.dropFirst()))
        } else {
            await main(arguments)
        }
    }
}

extension DaemonProgram: CommandedProgram {
    package static var name: String { "fpwd" }
    package static var role: String { "daemon" }
    package static var parts: String { "tunnels" }
}
