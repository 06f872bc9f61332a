import ArgumentParser
import FPWRelay

@main
struct FPWRelayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fpw-relay", abstract: "Hands visitors of public host names to the workers that poll for them.",
        version: RelayProgram.version, subcommands: [Status.self, Ready.self])

    @OptionGroup var file: ConfigOption

    @Flag(name: .customShort("t"), help: "Check the configuration and exit.")
    var checks = false

    @Flag(name: .customShort("T"), help: "Check the configuration, print every value and its origin, and exit.")
    var prints = false

    func run() async throws {
        let isCheck = checks || prints
        throw ExitCode(
            isCheck
                ? RelayProgram.check(configFile: file.config, printsEffective: prints)
                : await RelayProgram.run(configFile: file.config))
    }
}

struct ConfigOption: ParsableArguments {
    @Option(name: .shortAndLong, help: "The configuration file.")
    var config = RelayProgram.defaultFile
}

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the running relay's hosts and slots.")

    @OptionGroup var file: ConfigOption

    func run() async throws {
        throw ExitCode(await RelayProgram.status(configFile: file.config))
    }
}

struct Ready: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Exit with 0 where the running relay takes visitors.")

    @OptionGroup var file: ConfigOption

    func run() async throws {
        throw ExitCode(await RelayProgram.ready(configFile: file.config))
    }
}
