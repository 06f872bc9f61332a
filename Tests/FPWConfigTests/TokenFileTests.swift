import FPWProtocol
import Testing

@testable import FPWConfig

@Suite("Tokens in files")
struct TokenFileTests {
    private func said(_ contents: String, _ mode: Int, path: String = "/etc/fpw/t", environment: [String: String] = [:])
        -> [String]
    {
        let text = "[tunnel.t]\nhost = \"a.b\"\nupstream = \"unix:/s\"\ntoken_file = \"\(path)\""
        return FPWConfigTests.said(
            aboutDaemon: text, files: MemoryFiles([path: (contents, mode)]), environment: environment)
    }

    @Test("a token file holds one line, whose end does not count", arguments: ["s3cret", "s3cret\n", "s3cret\r\n"])
    func readsOneLine(contents: String) throws {
        let files = MemoryFiles(["/t": (contents, 0o400)])
        let text = "[host.a]\ntoken_file = \"/t\""
        #expect(
            try RelayConfig.load(text: text, file: "c", files: files).config.hosts.map(\.tokens) == [[Token("s3cret")]])
    }

    @Test("root and a group may read it, as Debian's 0640 root:_fpwd has it", arguments: [0o400, 0o600, 0o640])
    func acceptsPrivateModes(mode: Int) {
        #expect(said("s3cret", mode) == [])
    }

    @Test("a file that others can read is refused, and the remedy is a command", arguments: [0o644, 0o604, 0o666])
    func refusesReadableFiles(mode: Int) {
        #expect(
            said("s3cret", mode) == [
                "fpw.conf:4:14: token_file = \"/etc/fpw/t\" can be read by every user of this machine; "
                    + "run: chmod o-rwx /etc/fpw/t"
            ]
        )
    }

    @Test("a service manager's and a container's secrets may be readable by others")
    func acceptsSecretStores() {
        let environment = ["CREDENTIALS_DIRECTORY": "/run/credentials/fpwd.service"]
        #expect(said("s3cret", 0o444, path: "/run/secrets/token") == [])
        #expect(
            said("s3cret", 0o444, path: "/run/credentials/fpwd.service/token", environment: environment) == [])
        #expect(said("s3cret", 0o444, path: "/run/credentials/fpwd.service/token").count == 1)
        #expect(said("s3cret", 0o444, path: "/run/secrets/../../etc/t").count == 1)
        #expect(said("s3cret", 0o444, path: "/run/secretstoken").count == 1)
    }

    @Test(
        "what is no token file says why, without what it holds",
        arguments: [
            ("", "is empty; write the token to it"),
            ("\n", "is empty; write the token to it"),
            ("one\ntwo\n", "must hold one line of 1…256 visible ASCII characters"),
            ("s3cret \n", "must hold one line of 1…256 visible ASCII characters"),
        ]
    )
    func explains(contents: String, reason: String) {
        #expect(said(contents, 0o600) == ["fpw.conf:4:14: token_file = \"/etc/fpw/t\" \(reason)"])
    }

    @Test("a missing file and a relative path are explained")
    func explainsPaths() {
        let text = "[host.a]\ntoken_file = \"/none\"\n[host.b]\ntoken_file = \"t\""
        #expect(
            FPWConfigTests.said(aboutRelay: text) == [
                "fpw-relay.conf:2:14: token_file = \"/none\" cannot be read: no such file",
                "fpw-relay.conf:4:14: token_file = \"t\" is no absolute path; begin it with '/'",
            ]
        )
    }

    @Test("a token in a configuration that others can read is warned about")
    func warnsAboutReadableConfigurations() throws {
        let text = "[host.a]\ntoken = \"0123456789abcdef\"\n"
        let files = MemoryFiles(["/etc/fpw-relay.conf": (text, 0o644)])
        #expect(
            try RelayConfig.load(file: "/etc/fpw-relay.conf", files: files).warnings.map(\.description) == [
                "/etc/fpw-relay.conf:2:9: warning: every user of this machine can read this token; use token_file, "
                    + "or run: chmod o-rwx /etc/fpw-relay.conf"
            ]
        )
        let tunnel = "[tunnel.t]\nhost = \"a.b\"\nupstream = \"unix:/s\"\ntoken = \"x\""
        let readable = MemoryFiles(["/etc/fpw.conf": (tunnel, 0o644)])
        let loaded = try DaemonConfig.load(file: "/etc/fpw.conf", files: readable, environment: [:])
        #expect(
            loaded.warnings.map(\.description) == [
                "/etc/fpw.conf:4:9: warning: every user of this machine can read this token; use token_file, "
                    + "or run: chmod o-rwx /etc/fpw.conf"
            ]
        )
    }
}
