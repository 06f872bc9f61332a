package import ArgumentParser

// Groups, because a program and its commands share them: what stands behind a command's name is offered to the program first.

package struct ConfigOption<Program: CommandedProgram>: ParsableArguments {
    @Option(
        name: .shortAndLong, help: "The configuration file. Default: \(Program.defaultFile) where it exists.",
        completion: .file())
    package var config: String?

    package init() {}
}

package struct QuietOption: ParsableArguments {
    @Flag(
        name: .customShort("q"), help: "Say nothing where nothing is wrong; with -T or check, print the settings alone."
    )
    package var isQuiet = false

    package init() {}
}

package struct AdminOption: ParsableArguments {
    @Option(
        name: .customLong("admin"),
        help: ArgumentHelp(
            "Ask at this address, 127.0.0.1:PORT, a port alone or unix:/path; no configuration is read.",
            valueName: "address"))
    package var address: String?

    package init() {}
}
