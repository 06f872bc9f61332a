import FPWProtocol
import Testing

@testable import FPWConfig

@Suite("fpw-relay.conf")
struct RelayConfigTests {
    private let token = "0123456789abcdef"

    @Test("an empty file is a relay of defaults on loopback, without hosts")
    func loadsNothing() throws {
        #expect(try RelayConfig.load(text: "", file: "fpw-relay.conf").config == RelayConfig())
    }

    @Test("every key has its effect")
    func loadsEveryKey() throws {
        let text = """
            [relay]
            listen = "*:80"
            slot_listen = "[::1]:28821"
            admin_listen = "unix:/run/relay.sock"
            max_connections_per_address = 0
            loops = 4
            log_level = "warning"
            log_format = "json"
            max_body = 0
            queue_timeout = "1s"
            queue_limit = 2
            max_waiting_visitors = 0
            max_slots = 3
            min_upload_rate = 0
            visit_timeout = "3s"
            idle_timeout = "4s"
            park_time = "5s"
            resend_window = "6s"
            drain_timeout = "7s"
            trusted_proxies = ["10.0.0.0/8", "::1"]
            public_scheme = "https"
            allow_weak_token = true
            [host."Blog.example.org"]
            token = "a"
            [host."*.example.org"]
            token_file = "/run/secrets/b"
            max_slots = 4
            [host.localhost]
            tokens = ["c", "d"]
            """
        var expected = RelayConfig()
        expected.relay.listen = .tcp(host: "::", port: 80)
        expected.relay.slotListen = .tcp(host: "::1", port: 28821)
        expected.relay.adminListen = .unix(path: "/run/relay.sock")
        expected.relay.maxConnectionsPerAddress = nil
        expected.relay.loops = 4
        expected.relay.logLevel = .warning
        expected.relay.logFormat = .json
        expected.relay.maxBody = nil
        expected.relay.queueTimeout = .seconds(1)
        expected.relay.queueLimit = 2
        expected.relay.maxWaitingVisitors = nil
        expected.relay.maxSlots = 3
        expected.relay.minUploadRate = nil
        expected.relay.visitTimeout = .seconds(3)
        expected.relay.idleTimeout = .seconds(4)
        expected.relay.parkTime = .seconds(5)
        expected.relay.resendWindow = .seconds(6)
        expected.relay.drainTimeout = .seconds(7)
        expected.relay.trustedProxies = ["10.0.0.0/8", "::1"].compactMap(AddressRange.init)
        expected.relay.publicScheme = "https"
        expected.relay.allowWeakToken = true
        expected.hosts = [
            HostConfig(pattern: "blog.example.org", tokens: [Token("a")]),
            HostConfig(
                pattern: "*.example.org", tokens: [Token("b")], tokenSource: .file("/run/secrets/b"), maxSlots: 4),
            HostConfig(pattern: "localhost", tokens: [Token("c"), Token("d")]),
        ]
        let files = MemoryFiles(["/run/secrets/b": ("b\n", 0o444)])
        #expect(try RelayConfig.load(text: text, file: "fpw-relay.conf", files: files).config == expected)
    }

    @Test("every error of a file is said at once, each with its place and what to write")
    func saysAllErrors() {
        let text = """
            [relay]
            listen = "unix:/run/relay.sock"
            queue_limit = -1
            trusted_proxies = ["10.0.0.0/8", "10.0.0.1/8", 3]
            [host."a b"]
            token = "x"
            [host."a.example.org"]
            [host.blog.example.org]
            token = "x"
            [host."A.example.org"]
            tokens = []
            [host."b.example.org"]
            token = "x"
            tokens = ["y", 1]
            [host."c.example.org"]
            token = "x"
            tokens = ["y", "z"]
            """
        #expect(
            said(aboutRelay: text) == [
                "fpw-relay.conf:2:10: listen = \"unix:/run/relay.sock\" is a unix socket; write an address and port",
                "fpw-relay.conf:3:15: queue_limit = -1 is outside 0…1000000",
                "fpw-relay.conf:4:19: trusted_proxies has \"10.0.0.1/8\", which names an address inside its network; "
                    + "write \"10.0.0.0/8\"",
                "fpw-relay.conf:5:7: \"a b\" is no host name; write \"blog.example.org\", "
                    + "or \"*.example.org\" for all below it",
                "fpw-relay.conf:7:1: [host.\"a.example.org\"] has no token; write token = \"…\", token_file or tokens",
                "fpw-relay.conf:8:12: unknown table [host.blog.example.org]; "
                    + "a name with dots stands in quotes: [host.\"blog.example.org\"]",
                "fpw-relay.conf:10:7: host \"a.example.org\" stands already on line 7; keep one",
                "fpw-relay.conf:11:10: [host.\"A.example.org\"] has no token; write token = \"…\", token_file or tokens",
                "fpw-relay.conf:14:10: tokens has a value that must be a string of visible ASCII characters, not an integer",
                "fpw-relay.conf:17:10: token and tokens stand in [host.\"c.example.org\"]; keep one",
            ]
        )
    }

    @Test(
        "off loopback and behind a proxy the published token and short ones are refused",
        arguments: [
            ("token = \"21a018194adc44e7\"", "token holds the published token, which everyone knows"),
            ("token = \"short\"", "token holds a token of 5 characters"),
            ("tokens = [\"0123456789abcdef\", \"short\"]", "tokens holds a token of 5 characters"),
        ]
    )
    func refusesWeakTokens(line: String, problem: String) {
        let host = "[host.\"a.b\"]\n\(line)\n"
        let position = line.hasPrefix("tokens") ? "4:10" : "4:9"
        func message(_ exposure: String) -> String {
            "fpw-relay.conf:\(position): \(problem), and \(exposure); write 16 random characters or more "
                + "(openssl rand -hex 16), or allow_weak_token = true in [relay]"
        }
        for (setting, exposure) in [
            ("listen = \"0.0.0.0:80\"", "the relay does not listen on loopback only"),
            ("slot_listen = \"10.0.0.1:80\"", "the relay does not listen on loopback only"),
            ("trusted_proxies = [\"127.0.0.1\"]", "trusted_proxies tells of a proxy in front of the relay"),
            ("public_scheme = \"https\"", "public_scheme tells of a proxy in front of the relay"),
        ] {
            #expect(said(aboutRelay: "[relay]\n\(setting)\n\(host)") == [message(exposure)])
        }
        #expect(said(aboutRelay: "[relay]\nlisten = \"127.0.0.1:80\"\n\(host)") == [])
        #expect(said(aboutRelay: "[relay]\nlisten = \":80\"\nallow_weak_token = true\n\(host)") == [])
    }

    @Test("two listeners on one address are refused")
    func refusesTwinListeners() {
        #expect(
            said(aboutRelay: "[relay]\nlisten = \"127.0.0.1:80\"\nslot_listen = \"127.0.0.1:80\"") == [
                "fpw-relay.conf:3:15: slot_listen = \"127.0.0.1:80\" is the address of listen too; give it one of its own"
            ]
        )
        #expect(
            said(aboutRelay: "[relay]\nlisten = \"127.0.0.1:9883\"") == [
                "fpw-relay.conf:2:10: admin_listen = \"127.0.0.1:9883\" is the address of listen too; "
                    + "give it one of its own"
            ]
        )
    }
}
