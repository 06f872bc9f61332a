import ArgumentParser
import FPWConfig
import FPWDaemon
import FPWService
import Glibc

@main
struct Fpwd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fpwd", abstract: "Makes a local web service reachable from the internet.",
        version: FPWService.version)

    @Option(name: .shortAndLong, help: "The configuration file.")
    var config = "/etc/fpw.conf"

    func run() async throws {
        _ = ProcessSetup.prepare()
        do {
            let loaded = try DaemonConfig.load(file: config)
            let sink = LogSink(LogStyle.suiting(STDERR_FILENO, format: .text))
            try await Daemon(loaded.config, sink: sink).run()
        } catch let error as ConfigErrors {
            print(error)
            throw ExitCode(ExitStatus.configuration.rawValue)
        }
    }
}
