import ArgumentParser
import FPWDaemon

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "The same as -T: check the file, print every setting with its origin.",
        usage: "fpwd check [-q] [-c FILE]")

    @OptionGroup var file: ConfigOption

    @Flag(name: .customShort("q"), help: "Print the settings alone.")
    var isQuiet = false

    func run() async throws {
        throw ExitCode(await DaemonProgram.check(configFile: file.config, printsEffective: true, isQuiet: isQuiet))
    }
}

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Print the running daemon's tunnels.",
        usage: "fpwd status [-c FILE | --admin ADDRESS] [--json] [--watch | --url]")

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
        if url { throw ExitCode(await DaemonProgram.pageURL(configFile: file.config, admin: admin.address)) }
        throw ExitCode(
            await DaemonProgram.status(
                configFile: file.config, admin: admin.address, isJSON: json, watches: watch))
    }
}

struct Ready: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ready", abstract: "Exit with 0 where the running daemon serves visitors, with 69 where not.",
        usage: "fpwd ready [-c FILE | --admin ADDRESS]")

    @OptionGroup var file: ConfigOption
    @OptionGroup var admin: AdminOption

    func run() async throws {
        throw ExitCode(await DaemonProgram.ready(configFile: file.config, admin: admin.address))
    }
}

struct ConfigOption: ParsableArguments {
    @Option(name: .shortAndLong, help: "The configuration file. Default: \(DaemonProgram.defaultFile) where it exists.")
    var config: String?
}

struct AdminOption: ParsableArguments {
    @Option(
        name: .customLong("admin"),
        help: ArgumentHelp(
            "Ask at this address, 127.0.0.1:PORT, a port alone or unix:/path; no configuration is read.",
            valueName: "address"))
    var address: String?
}
