package import ArgumentParser

package struct Check<Program: CommandedProgram>: AsyncParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "check", abstract: "The same as -T: check the file, print every setting with its origin.",
            usage: "\(Program.name) check [-q] [-c FILE]")
    }

    @OptionGroup var file: ConfigOption<Program>
    @OptionGroup var quiet: QuietOption

    package init() {}

    package func run() async throws {
        throw ExitCode(await Program.check(configFile: file.config, printsEffective: true, isQuiet: quiet.isQuiet))
    }
}

package struct Status<Program: CommandedProgram>: AsyncParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "status", abstract: "Print the running \(Program.role)'s \(Program.parts).",
            usage: "\(Program.name) status [-c FILE | --admin ADDRESS] [--json] [--watch | --url]")
    }

    @OptionGroup var file: ConfigOption<Program>
    @OptionGroup var admin: AdminOption

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Print again every second, until Ctrl-C.")
    var watch = false

    @Flag(help: "Print the URL of the status page, with its key.")
    var url = false

    package init() {}

    package func validate() throws {
        if url, json || watch { throw ValidationError("--url goes with neither --json nor --watch.") }
    }

    package func run() async throws {
        if url { throw ExitCode(await Program.pageURL(configFile: file.config, admin: admin.address)) }
        throw ExitCode(
            await Program.status(configFile: file.config, admin: admin.address, isJSON: json, watches: watch))
    }
}

package struct Ready<Program: CommandedProgram>: AsyncParsableCommand {
    package static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "ready",
            abstract: "Exit with 0 where the running \(Program.role) serves visitors, with 69 where not.",
            usage: "\(Program.name) ready [-c FILE | --admin ADDRESS]")
    }

    @OptionGroup var file: ConfigOption<Program>
    @OptionGroup var admin: AdminOption

    package init() {}

    package func run() async throws {
        throw ExitCode(await Program.ready(configFile: file.config, admin: admin.address))
    }
}
