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
        usage: "fpwd status [-c FILE] [--json] [--watch]")

    @OptionGroup var file: ConfigOption

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Print again every second, until Ctrl-C.")
    var watch = false

    func run() async throws {
        throw ExitCode(await DaemonProgram.status(configFile: file.config, isJSON: json, watches: watch))
    }
}

struct Ready: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ready", abstract: "Exit with 0 where the running daemon serves visitors, with 69 where not.",
        usage: "fpwd ready [-c FILE]")

    @OptionGroup var file: ConfigOption

    func run() async throws {
        throw ExitCode(await DaemonProgram.ready(configFile: file.config))
    }
}

struct ConfigOption: ParsableArguments {
    @Option(name: .shortAndLong, help: "The configuration file. Default: \(DaemonProgram.defaultFile) where it exists.")
    var config: String?
}
