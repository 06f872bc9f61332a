import Testing

@testable import FPWConfig

@Suite("Tunnels")
struct TunnelRulesTests {
    /// The lines of a tunnel that is right, with some keys written otherwise.
    private func tunnel(_ name: String = "t", _ changes: KeyValuePairs<String, String?> = [:]) -> String {
        var keys = [
            ("host", "\"t.example.org\""), ("token", "\"s3cret\""), ("upstream", "\"http://127.0.0.1:3000\""),
        ]
        for (key, value) in changes {
            keys.removeAll { $0.0 == key }
            if let value { keys.append((key, value)) }
        }
        return "[tunnel.\(name)]\n" + keys.map { "\($0.0) = \($0.1)\n" }.joined()
    }

    @Test("what is wrong with one key does not hide what is wrong with another")
    func allAtOnce() {
        let text = tunnel(
            "t", ["upstream": "\"3000\"", "token": nil, "relay": "\"http://r.example.org\"", "max_workers": "5"])
        #expect(
            said(aboutDaemon: text) == [
                "fpw.conf:1:1: [tunnel.t] has no token; write token_file = \"/etc/fpw/NAME.token\" "
                    + "(the published token is for *.28820.com only)",
                "fpw.conf:3:12: upstream = \"3000\" has no scheme; "
                    + "write \"http://127.0.0.1:8080\" or \"unix:/run/app.sock\"",
                "fpw.conf:4:9: relay = \"http://r.example.org/\" would send the token in clear text; "
                    + "write https://, or allow_plain_relay = true",
                "fpw.conf:5:15: max_workers = 5 is below workers = 10",
            ])
    }

    @Test("a misspelt key is told once")
    func misspelt() {
        #expect(
            said(aboutDaemon: tunnel("t", ["token": nil, "tokne": "\"s3cret\""])) == [
                "fpw.conf:4:1: unknown key 'tokne' in [tunnel.t]; did you mean 'token'?"
            ])
    }

    @Test("the tunnel that the next tests change is right")
    func startsRight() {
        #expect(said(aboutDaemon: tunnel()) == [])
    }

    @Test(
        "a value that is out of place is refused with its text and the remedy",
        arguments: [
            ("max_workers", "5", "max_workers = 5 is below workers = 10"),
            ("workers", "1025", "workers = 1025 is outside 1…1024"),
            (
                "relay", "\"http://relay.example.org\"",
                "relay = \"http://relay.example.org/\" would send the token in clear text; "
                    + "write https://, or allow_plain_relay = true"
            ),
            (
                "upstream", "\"http://localhost:9882\"",
                "upstream = \"http://localhost:9882\" is the daemon's own admin_listen; "
                    + "it would show its inside to everyone"
            ),
            (
                "upstream", "\"http://0.0.0.0:9882\"",
                "upstream = \"http://0.0.0.0:9882\" is the daemon's own admin_listen; "
                    + "it would show its inside to everyone"
            ),
            (
                "fallback", "\"http://localhost:9882\"",
                "fallback = \"http://localhost:9882\" is the daemon's own admin_listen; "
                    + "it would show its inside to everyone"
            ),
            ("fallback", "\"http://127.0.0.1:3000\"", "fallback is the upstream itself; write another service"),
            (
                "fallback", "\"3000\"",
                "fallback = \"3000\" has no scheme; write \"http://127.0.0.1:8080\" or \"unix:/run/app.sock\""
            ),
            (
                "health_path", "\"healthz\"",
                "health_path = \"healthz\" is no path; begin it with '/' and write blanks and other signs as %XX"
            ),
            ("when_down", "\"page\"", "when_down is without effect; add health_path = \"/healthz\""),
            ("when_down", "\"pages\"", "when_down = \"pages\" is not known here; did you mean \"page\"?"),
            ("upstream", "\"http://me:pw@a\"", "upstream holds a user name; remove it"),
            (
                "host_header", "\"http://a\"",
                "host_header = \"http://a\" has a port outside 1…65535"
            ),
            (
                "public_scheme", "\"htps\"",
                "public_scheme = \"htps\" is not known here; did you mean \"https\"?"
            ),
            ("connect_timeout", "\"1ms\"", "connect_timeout = \"1ms\" is outside 100ms…5m"),
            ("reply_buffer", "\"1KiB\"", "reply_buffer = \"1KiB\" is outside 64KiB…1GiB"),
            ("max_body", "5", "max_body = 5 has no unit; write \"5B\" or \"5MiB\""),
            ("ca_file", "\"ca.pem\"", "ca_file = \"ca.pem\" is no absolute path; begin it with '/'"),
            ("upstream_verify", "\"no\"", "upstream_verify must be true or false, not a string"),
            (
                "proxy", "\"10.0.0.1:3128\"",
                "proxy = \"10.0.0.1:3128\" does not begin with http:// or https:// or socks4:// or socks4a:// "
                    + "or socks5:// or socks5h://"
            ),
            ("proxy", "\"http://u:secret@a b\"", "proxy holds a character that a URL must escape; write it as %XX"),
            (
                "token", "\"21a018194adc44e7\"",
                "token is the published token, which is for *.28820.com only; use one of this relay's own"
            ),
            ("token", "[\"s3cret\"]", "token must be a string of visible ASCII characters, not an array"),
            ("token", "\"\"", "token must have 1…256 visible ASCII characters and no blanks"),
        ]
    )
    func refusesValues(key: String, value: String, message: String) {
        let messages = said(aboutDaemon: tunnel("t", [key: value]))
        #expect(messages.map { $0.drop { $0 != " " }.dropFirst() } == [message[...]])
    }

    @Test("a plain relay is accepted on loopback, and elsewhere where the file says so")
    func acceptsPlainRelays() {
        #expect(said(aboutDaemon: tunnel("t", ["relay": "\"http://127.0.0.1:28820/\""])) == [])
        #expect(
            said(aboutDaemon: tunnel("t", ["relay": "\"http://r.example.org/\"", "allow_plain_relay": "true"])) == [])
    }

    @Test("without a token a tunnel gets the published one only where host and relay are the public platform's")
    func limitsThePublishedToken() {
        let missing =
            "fpw.conf:1:1: [tunnel.t] has no token; write token_file = \"/etc/fpw/NAME.token\" "
            + "(the published token is for *.28820.com only)"
        #expect(said(aboutDaemon: tunnel("t", ["token": nil])) == [missing])
        #expect(said(aboutDaemon: tunnel("t", ["token": nil, "host": "\"a.28820.com\""])) == [])
        #expect(
            said(
                aboutDaemon: tunnel(
                    "t", ["token": nil, "host": "\"a.28820.com\"", "relay": "\"https://r.example.org\""]))
                == [missing])
        #expect(
            said(aboutDaemon: tunnel("t", ["token": nil, "host": "\"a.28820.com.evil.org\""])) == [missing])
        #expect(
            said(aboutDaemon: tunnel("t", ["token": nil, "relay": "\"https://a.28820.com/\""])) == [missing])
    }

    @Test("a token and a token_file contradict each other")
    func refusesTwoTokens() {
        let files = MemoryFiles(["/t": ("s3cret", 0o600)])
        #expect(
            said(aboutDaemon: tunnel("t", ["token_file": "\"/t\""]), files: files)
                == ["fpw.conf:5:14: token and token_file both stand in [tunnel.t]; keep one"]
        )
    }

    @Test("two tunnels of one host at one relay would take each other's visitors")
    func refusesTwins() {
        #expect(
            said(aboutDaemon: tunnel("a") + tunnel("b")) == [
                "fpw.conf:6:8: \"t.example.org\" at this relay is served by the tunnel on line 1 already; remove one of them"
            ]
        )
        #expect(said(aboutDaemon: tunnel("a") + tunnel("b", ["relay": "\"https://other.example.org\""])) == [])
    }

    @Test("a tunnel's name is fit for metrics and file names")
    func refusesOddNames() {
        #expect(
            said(aboutDaemon: tunnel("\"a b\"")) == [
                "fpw.conf:1:9: a tunnel's name has 1…64 letters, digits, '-', '_' or '.'; write [tunnel.blog]"
            ]
        )
    }

    @Test("a poll_timeout that the public relay outlasts is warned about, not refused")
    func warnsAboutShortPolls() {
        let changes: KeyValuePairs<String, String?> = ["host": "\"a.28820.com\"", "poll_timeout": "\"60s\""]
        #expect(
            said(aboutDaemon: tunnel("t", changes)) == [
                "fpw.conf:5:16: warning: poll_timeout = \"1m\" cuts polls off that this relay holds for 180 s; "
                    + "write \"190s\" or more"
            ]
        )
    }
}
