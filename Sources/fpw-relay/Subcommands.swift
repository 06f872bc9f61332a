import ArgumentParser
import FPWRelay

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "The same as -T: check the file, print every setting with its origin.",
        usage: "fpw-relay check [-q] [-c FILE]")

    @OptionGroup var file: ConfigOption

    @OptionGroup var quiet: QuietOption

    func run() async throws {
        throw ExitCode(await RelayProgram.check(configFile: file.config, printsEffective: true, isQuiet: quiet.isQuiet))
    }
}

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Print the running relay's hosts and slots.",
        usage: "fpw-relay status [-c FILE | --admin ADDRESS] [--json] [--watch | --url]")

    @OptionGroup var file: ConfigOption
    @OptionGroup var admin: AdminOption

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Print again every second, until Ctrl-C.")
    var watch = false

    @Flag(help: "Print the URL of the status page, with its key.")
    var url = false

    func validate() throws {
        if url, json || watch { throw ValidationError("--url goes with neither --json nor --watch.") }
    }

    func run() async throws {
        if url { throw ExitCode(await RelayProgram.pageURL(configFile: file.config, admin: admin.address)) }
        throw ExitCode(
            await RelayProgram.status(
                configFile: file.config, admin: admin.address, isJSON: json, watches: watch))
    }
}

struct Ready: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ready", abstract: "Exit with 0 where the running relay takes visitors, with 69 where not.",
        usage: "fpw-relay ready [-c FILE | --admin ADDRESS]")

    @OptionGroup var file: ConfigOption
    @OptionGroup var admin: AdminOption

    func run() async throws {
        throw ExitCode(await RelayProgram.ready(configFile: file.config, admin: admin.address))
    }
}

// Groups, because the command and its subcommands share them: what stands behind a subcommand's name is offered to the
// command first.

struct ConfigOption: ParsableArguments {
    @Option(name: .shortAndLong, help: "The configuration file. Default: \(RelayProgram.defaultFile) where it exists.")
    var config: String?
}

struct QuietOption: ParsableArguments {
    @Flag(
        name: .customShort("q"), help: "Say nothing where nothing is wrong; with -T or check, print the settings alone."
    )
    var isQuiet = false
}

struct AdminOption: ParsableArguments {
    @Option(
        name: .customLong("admin"),
        help: ArgumentHelp(
            "Ask at this address, 127.0.0.1:PORT, a port alone or unix:/path; no configuration is read.",
            valueName: "address"))
    var address: String?
}
