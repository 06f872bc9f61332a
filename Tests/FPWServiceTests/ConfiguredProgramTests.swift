@testable import FPWService
import Logging
import Testing

@Suite struct ConfiguredProgramTests {
    struct Wrong: Error, CustomStringConvertible {
        let description = "test.conf:1:1: wrong on purpose"
    }

    struct Unavailable: ProgramFailure {
        let status = ExitStatus.unavailable
        let description = "unavailable on purpose"
    }

    struct Unforeseen: Error {}

    /// Its configuration is the file's name, and `wrong` is not a good one.
    static func program(admin: ServerAddress = .unix(path: "/tmp/fpw-nobody-is-here"))
        -> ConfiguredProgram<String, Wrong>
    {
        ConfiguredProgram(name: "test", defaultFile: "/nowhere/test.conf", defaultAdmin: admin) { file throws(Wrong) in
            guard file != "wrong" else { throw Wrong() }
            return ConfigurationFile(
                config: file, admin: admin, logFormat: .text, logLevel: .critical,
                warnings: [ConfigurationWarning(in: file, at: (line: 2, column: 3), "odd")], effectiveText: "[test]")
        }
    }

    @Test("a server that ends well ends with 0, and got its configuration")
    func run() async {
        var served: String?
        let status = await Self.program().run("good") { config, _ in served = config }
        #expect(status == 0)
        #expect(served == "good")
    }

    static let failures: [(error: any Error, status: Int32)] = [
        (Wrong(), 78), (Unavailable(), 69), (Unforeseen(), 1),
        (BindFailure(address: .unix(path: "/x"), key: "listen", reason: .notASocket), 78),
    ]

    @Test("what goes wrong has its exit status", arguments: failures)
    func failing(error: any Error, status: Int32) async {
        #expect(await Self.program().run("good") { _, _ in throw error } == status)
    }

    @Test("a check ends with 0 or 78", arguments: [("good", Int32(0)), ("wrong", 78)])
    func check(file: String, status: Int32) async {
        #expect(await Self.program().check(file, printsEffective: false, isQuiet: true) == status)
    }

    @Test("a warning names its place, or its source where it has none")
    func warning() {
        #expect("\(ConfigurationWarning(in: "a.conf", at: (line: 2, column: 3), "odd"))" == "a.conf:2:3: odd")
        #expect("\(ConfigurationWarning(in: "FPW_HOST", at: nil, "odd"))" == "FPW_HOST: odd")
    }

    static let answers: [(ready: AdminResponse, status: Int32)] = [
        (.text("ready"), 0), (.text("no slot is open", status: 503), 69),
    ]

    @Test("ready and status ask the running program", arguments: answers)
    func ready(answer: AdminResponse, status: Int32) async throws {
        let routes: [String: AdminRoute] = ["/readyz": .health { _ in answer }, "/status": .machine { _ in answer }]
        try await AdminListenerTests.serving(routes: routes) { address, _ in
            let program = Self.program(admin: address)
            #expect(await program.ready(.file("good")) == status)
            #expect(await program.ready(.file(nil)) == status)
            #expect(await program.ready(.file("wrong")) == status, "a file with errors keeps nobody from asking")
            #expect(await program.status(.address(address), isJSON: false, watches: false) == status)
        }
    }

    @Test(
        "--admin names a listener in the ways that people write one",
        arguments: [
            ("127.0.0.1:1234", ServerAddress.tcp(host: "127.0.0.1", port: 1234)),
            ("1234", .tcp(host: "127.0.0.1", port: 1234)),
            ("http://127.0.0.1:1234", .tcp(host: "127.0.0.1", port: 1234)),
            ("http://localhost:1234/?key=0f", .tcp(host: "localhost", port: 1234)),
            ("unix:/run/x", .unix(path: "/run/x")),
        ])
    func place(text: String, address: ServerAddress) throws {
        #expect(try Self.program().place("any.conf", text) == .address(address))
    }

    @Test(
        "what names no listener is refused with an address that does",
        arguments: ["nowhere", "", "https://a:1/", "70000"])
    func badPlace(text: String) throws {
        let program = Self.program(admin: .tcp(host: "127.0.0.1", port: 9882))
        let failure = #expect(throws: UsageFailure.self) { try program.place(nil, text) }
        #expect(
            failure?.description
                == "--admin \"\(text)\" is no address; write 127.0.0.1:9882, a port alone, or unix:/path")
    }

    @Test("a program that does not run is unavailable")
    func notRunning() async {
        #expect(await Self.program().ready(.file("good")) == 69)
        #expect(await Self.program().status(.file(nil), isJSON: true, watches: false) == 69)
    }
}
