import FPWProtocol
import Testing

@testable import FPWConfig

@Suite("fpw.conf")
struct DaemonConfigTests {
    @Test("an empty file is a daemon without tunnels", arguments: ["", "# nothing\n", "[daemon]\n"])
    func loadsNothing(text: String) throws {
        #expect(try DaemonConfig.load(text: text, file: "fpw.conf").config == DaemonConfig())
    }

    @Test("a tunnel of two keys gets every default")
    func loadsDefaults() throws {
        let text = "[tunnel.blog]\nhost = \"Blog.28820.com\"\nupstream = \"http://127.0.0.1:8080\"\n"
        var expected = DaemonConfig()
        expected.tunnels = [
            TunnelConfig(
                name: "blog", host: "blog.28820.com", token: FPWDefaults.publicToken, tokenSource: .publicDefault,
                upstream: UpstreamAddress(.http(host: "127.0.0.1", port: 8080)),
                relay: RelayURL(text: "https://blog.28820.com/", isHTTPS: true, host: "blog.28820.com", port: 443)
            )
        ]
        #expect(try DaemonConfig.load(text: text, file: "fpw.conf").config == expected)
    }

    @Test("every key has its effect")
    func loadsEveryKey() throws {
        let text = """
            [daemon]
            log_level = "debug"
            log_format = "json"
            admin_listen = "unix:/run/fpwd.sock"
            drain_timeout = "1m"
            loops = 2
            reply_memory = "1GiB"

            [tunnel."a.b"]
            host = "a.example.org"
            token_file = "/etc/fpw/a.token"
            upstream = "unix:/run/app.sock"
            relay = "http://relay.example.org:8080/slots"
            workers = 60
            host_header = "App.example.org:81"
            public_scheme = "http"
            connect_timeout = "1s"
            upstream_timeout = "2s"
            poll_timeout = "190s"
            idle_timeout = "4s"
            max_body = "5MiB"
            reply_buffer = "64KiB"
            spool_max = "0B"
            ca_file = "/etc/fpw/ca.pem"
            upstream_ca_file = "/etc/fpw/up.pem"
            upstream_verify = false
            proxy = "socks5h://user:pass@10.0.0.1:1080"
            allow_plain_relay = true
            """
        var expected = DaemonConfig()
        expected.daemon.logLevel = .debug
        expected.daemon.logFormat = .json
        expected.daemon.adminListen = .unix(path: "/run/fpwd.sock")
        expected.daemon.drainTimeout = .seconds(60)
        expected.daemon.loops = 2
        expected.daemon.replyMemory = .gibibytes(1)
        var tunnel = TunnelConfig(
            name: "a.b", host: "a.example.org", token: Token("s3cret"), tokenSource: .file("/etc/fpw/a.token"),
            upstream: UpstreamAddress(.unix(path: "/run/app.sock")),
            relay: RelayURL(
                text: "http://relay.example.org:8080/slots", isHTTPS: false, host: "relay.example.org", port: 8080)
        )
        tunnel.workers = 60
        tunnel.maxWorkers = 60
        tunnel.hostHeader = .name("app.example.org:81")
        tunnel.publicScheme = "http"
        tunnel.connectTimeout = .seconds(1)
        tunnel.upstreamTimeout = .seconds(2)
        tunnel.pollTimeout = .seconds(190)
        tunnel.idleTimeout = .seconds(4)
        tunnel.maxBody = .mebibytes(5)
        tunnel.replyBuffer = .kibibytes(64)
        tunnel.spoolMax = ByteCount(bytes: 0)
        tunnel.caFile = "/etc/fpw/ca.pem"
        tunnel.upstreamCAFile = "/etc/fpw/up.pem"
        tunnel.upstreamVerify = false
        tunnel.proxy = "socks5h://user:pass@10.0.0.1:1080"
        tunnel.allowPlainRelay = true
        expected.tunnels = [tunnel]
        let files = MemoryFiles(["/etc/fpw/a.token": ("s3cret\n", 0o640)])
        let loaded = try DaemonConfig.load(text: text, file: "fpw.conf", files: files)
        #expect(loaded.config == expected)
        #expect(loaded.warnings == [])
    }

    @Test("an access log in a folder that is not there is an error that names the folder")
    func accessLogFolder() {
        #expect(said(aboutDaemon: "[daemon]\naccess_log = \"/there/access.log\"") == [])
        #expect(said(aboutDaemon: "[daemon]\naccess_log = \"/access.log\"") == [])
        #expect(
            said(aboutDaemon: "[daemon]\naccess_log = \"/missing/access.log\"") == [
                "fpw.conf:2:14: access_log = \"/missing/access.log\" lies in /missing, and there is no such folder; "
                    + "make it, or name another file"
            ])
    }

    @Test("every error of a file is said at once, each with its place and what to write")
    func saysAllErrors() {
        let text = """
            log_level = "info"
            [daemon]
            log_level = "verbos"
            drain_timeout = 30
            loops = "two"
            admin_listen = "9882"

            [tunel.x]
            [tunnel.blog]
            host = "blog"
              upstrem = "http://127.0.0.1:3000"
            workers = 0
            token = "has a blank"
            [tunnel.c]
            max_workers = 5.0
            """
        #expect(
            said(aboutDaemon: text) == [
                "fpw.conf:1:1: 'log_level' stands above the first table; write it below [daemon]",
                "fpw.conf:3:13: log_level = \"verbos\" is not known here; write one of \"trace\", \"debug\", \"info\", "
                    + "\"notice\", \"warning\", \"error\", \"critical\"",
                "fpw.conf:4:17: drain_timeout = 30 has no unit; write \"30s\"",
                "fpw.conf:5:9: loops must be an integer, 0…256, not a string",
                "fpw.conf:6:16: admin_listen = \"9882\" has no port; write \"127.0.0.1:8080\"",
                "fpw.conf:8:2: unknown table [tunel]; did you mean [tunnel.NAME]?",
                "fpw.conf:10:8: host = \"blog\" is not a full host name; write \"blog.28820.com\" or the like",
                "fpw.conf:11:3: unknown key 'upstrem' in [tunnel.blog]; did you mean 'upstream'?",
                "fpw.conf:12:11: workers = 0 is outside 1…1024",
                "fpw.conf:13:9: token must have 1…256 visible ASCII characters and no blanks",
                "fpw.conf:14:1: [tunnel.c] has no 'host'; write host = \"blog.example.org\"",
                "fpw.conf:14:1: [tunnel.c] has no 'upstream'; write upstream = \"http://127.0.0.1:8080\"",
                "fpw.conf:15:15: floats are not supported; write an integer, or a string such as \"1500ms\"",
            ]
        )
    }

    @Test(
        "a table in the wrong place is explained",
        arguments: [
            ("[deamon]", "1:2: unknown table [deamon]; did you mean [daemon]?"),
            ("[server]", "1:2: unknown table [server]; tables are [daemon] and [tunnel.NAME]"),
            ("[daemon.x]", "1:9: unknown table [daemon.x]; remove it"),
            (
                "[tunnel]\nhost = \"a.b\"",
                "2:1: 'host' stands in [tunnel], which has no keys; write it below [tunnel.NAME]"
            ),
            (
                "[tunnel.a.b.c]\nx = 1",
                "1:11: unknown table [tunnel.a.b.c]; a name with dots stands in quotes: [tunnel.\"a.b.c\"]"
            ),
            ("tunnel = 1", "1:1: 'tunnel' is a table; write it below [tunnel.NAME]"),
            ("x = 1", "1:1: 'x' stands above the first table; tables are [daemon] and [tunnel.NAME]"),
        ]
    )
    func explainsTables(text: String, expected: String) {
        #expect(said(aboutDaemon: text) == ["fpw.conf:\(expected)"])
    }

    @Test("the variables of quick mode beside a file are an error that names them")
    func refusesQuickVariables() {
        let environment = ["FPW_TOKEN": "x", "FPW_HOST": "y", "FPW_RELAY": "", "HOME": "/root"]
        #expect(
            said(aboutDaemon: "", environment: environment) == [
                "FPW_HOST: belongs to quick mode and not beside a configuration file; unset it",
                "FPW_TOKEN: belongs to quick mode and not beside a configuration file; unset it",
            ]
        )
    }

    @Test("what is misspelt or unreadable is not reported as missing too")
    func reportsOnce() {
        let text = "[tunnel.t]\nhosts = \"a.b\"\nupstream = nope\ntoken \"x\"\n"
        #expect(
            said(aboutDaemon: text).map { $0.prefix(13) } == ["fpw.conf:2:1:", "fpw.conf:3:12", "fpw.conf:4:7:"])
    }

    @Test("control characters of a file do not reach the terminal")
    func escapesControls() {
        #expect(
            said(aboutDaemon: "\"a\\u001b[2J\u{202E}\" = 1").first
                == "fpw.conf:1:1: \"a\\u001B[2J\\u202E\" stands above the first table; "
                + "tables are [daemon] and [tunnel.NAME]"
        )
    }
}
