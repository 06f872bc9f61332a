import FPWProtocol
import Testing

@testable import FPWConfig

@Suite("Access rules in a file")
struct AccessConfigTests {
    static let bcrypt = "$2y$04$abcdefghijklmnopqrstuuLZYjhNQAOdpbzt4WxWlUHjv1wsyH5DG"
    static let sha512 =
        "$6$saltsalt$As4wrv0kZlfch1du9WeH7qhskyLriQWySXrZzynnvi46nFnNxjdpl6ksRegrrKexvhIa/Iny8S8uF3fVWTMuC1"
    static let yescrypt = "$y$j75$abcdefgh1234$1K9jgXs9TMY0xdl1v71SQvD9FjTHc7EyTtvowOhc2.3"

    private func tunnel(_ line: String) -> String {
        "[tunnel.t]\nhost = \"t.example.org\"\ntoken = \"s3cret\"\nupstream = \"http://127.0.0.1:3000\"\n\(line)\n"
    }

    private func said(_ line: String, _ passwords: String? = nil, mode: Int = 0o640) -> [Substring] {
        let files = MemoryFiles(passwords.map { ["/p": ($0, mode)] } ?? [:])
        return FPWConfigTests.said(aboutDaemon: tunnel(line), files: files).map {
            $0.drop { $0 != " " }.dropFirst()
        }
    }

    @Test("all rules are read")
    func reads() throws {
        let text = tunnel(
            """
            allow = ["192.0.2.0/24", "2001:db8::/32"]
            deny = ["192.0.2.7", "::ffff:198.51.100.1"]
            methods = ["GET", "PURGE"]
            paths = ["/hooks", "/api/v1/"]
            basic_auth_file = "/p"
            rate_limit = "600/m"
            """)
        let file = "# of the team\n\nann:\(Self.bcrypt)\r\nbob:\(Self.sha512):a comment\nünï:\(Self.yescrypt)\n"
        let config = try DaemonConfig.load(text: text, file: "c", files: MemoryFiles(["/p": (file, 0o640)])).config
        let access = try #require(config.tunnels.first).access
        #expect(access.allow == ["192.0.2.0/24", "2001:db8::/32"].compactMap(AddressRange.init))
        #expect(access.deny == ["192.0.2.7", "198.51.100.1"].compactMap(AddressRange.init))
        #expect(access.methods == [.get, try #require(Method("PURGE".utf8))])
        #expect(access.paths == ["/hooks", "/api/v1"].compactMap { PathPrefix($0) })
        #expect(access.rateLimit == RequestRate(600, per: .minute))
        let users = try #require(access.passwords).users.mapValues(\.text)
        #expect(
            users == [
                Array("ann".utf8): Self.bcrypt, Array("bob".utf8): Self.sha512, Array("ünï".utf8): Self.yescrypt,
            ])
        #expect(access.passwords?.decoy.text == Self.bcrypt)
        #expect("\(access)".contains("$2y$") == false)
    }

    @Test(
        "a rule that is none says why",
        arguments: [
            ("allow = []", "allow = [] is empty; remove it where there is no such rule"),
            (
                "allow = [\"10.0.0.1/8\"]",
                "allow has \"10.0.0.1/8\", which names an address inside its network; write \"10.0.0.0/8\""
            ),
            (
                "deny = [\"localhost\"]",
                "deny has \"localhost\", which is no address or network; write \"10.0.0.0/8\" or \"::1\""
            ),
            ("deny = \"10.0.0.1\"", "deny must be an array of addresses and networks, not a string"),
            ("methods = [\"get\"]", "methods has \"get\", which is no method; write it as in \"GET\""),
            ("methods = [\"G T\"]", "methods has \"G T\", which is no method; write it as in \"GET\""),
            ("methods = [\"CONNECT\"]", "methods has \"CONNECT\", which is never served"),
            ("methods = []", "methods = [] is empty; remove it where there is no such rule"),
            ("paths = [\"/\"]", "paths has \"/\", which is every path; remove the rule"),
            (
                "paths = [\"/a/../b\"]",
                "paths has \"/a/../b\", which is no plain path; "
                    + "write \"/hooks\", without %, ?, #, ;, \\, dot segments and blanks"
            ),
            ("rate_limit = \"10\"", "rate_limit = \"10\" is no rate; write \"10/s\", \"600/m\" or \"5000/h\""),
            ("rate_limit = \"-1/s\"", "rate_limit = \"-1/s\" is no rate; write \"10/s\", \"600/m\" or \"5000/h\""),
            ("rate_limit = \"1/d\"", "rate_limit = \"1/d\" is no rate; write \"10/s\", \"600/m\" or \"5000/h\""),
            ("rate_limit = \"0/s\"", "rate_limit = \"0/s\" is outside 1…1000000"),
            ("rate_limit = 10", "rate_limit must be requests in a second, minute or hour, not an integer"),
            ("basic_auth_file = \"p\"", "basic_auth_file = \"p\" is no absolute path; begin it with '/'"),
            ("basic_auth_file = \"/p\"", "basic_auth_file = \"/p\" cannot be read: no such file"),
        ])
    func refuses(line: String, message: String) {
        #expect(said(line) == [message[...]])
    }

    @Test(
        "a file of passwords that is none says why, without what stands there",
        arguments: [
            ("", "names no user; add one with: htpasswd -B /p NAME"),
            ("# nobody\n", "names no user; add one with: htpasswd -B /p NAME"),
            ("ann\n", "has no NAME:HASH on line 1; write it with: htpasswd -B"),
            (":\(bcrypt)", "has no NAME:HASH on line 1; write it with: htpasswd -B"),
            (
                "ann:\(bcrypt)\nbob:s3cret",
                "has a plain password or an old kind of hash on line 2, which is guessed too fast; "
                    + "write it with: htpasswd -B"
            ),
            (
                "ann:rl0uE1gA7hJfQ",
                "has a plain password or an old kind of hash on line 1, which is guessed too fast; "
                    + "write it with: htpasswd -B"
            ),
            (
                "ann:$apr1$saltsalt$RwMqRjSWhXMKbW72DwzGd1",
                "has an MD5 hash on line 1, which is guessed too fast; write it with: htpasswd -B"
            ),
            (
                "ann:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
                "has a SHA-1 hash on line 1, which is guessed too fast; write it with: htpasswd -B"
            ),
            ("ann:\(bcrypt)x", "has no hash that is known here on line 1; write it with: htpasswd -B"),
            ("ann:$2y$04$", "has no hash that is known here on line 1; write it with: htpasswd -B"),
            ("ann:$9$a$b", "has no hash that is known here on line 1; write it with: htpasswd -B"),
            (
                "ann:\(bcrypt.replacing("$04$", with: "$31$"))",
                "has a hash on line 1 that asks for too much or too little work; write it with: htpasswd -B -C 10"
            ),
            (
                "ann:\(sha512.replacing("$6$", with: "$6$rounds=999999999$"))",
                "has a hash on line 1 that asks for too much or too little work; write it with: htpasswd -B -C 10"
            ),
            (
                "ann:\(yescrypt.replacing("j75", with: "jFT"))",
                "has a hash on line 1 that asks for too much or too little work; write it with: htpasswd -B -C 10"
            ),
            ("ann:\(bcrypt)\nann:\(bcrypt)", "names a user for the second time on line 2"),
        ])
    func refusesFiles(contents: String, reason: String) {
        #expect(said("basic_auth_file = \"/p\"", contents) == ["basic_auth_file = \"/p\" \(reason)"])
    }

    @Test("a file of passwords that others can read is refused")
    func refusesReadableFiles() {
        #expect(
            said("basic_auth_file = \"/p\"", "ann:\(Self.bcrypt)", mode: 0o644) == [
                "basic_auth_file = \"/p\" can be read by every user of this machine; run: chmod o-rwx /p"
            ])
    }

    @Test("another password in the same file changes a tunnel")
    func changesTunnels() throws {
        let text = tunnel("basic_auth_file = \"/p\"")
        let configs = try [Self.bcrypt, Self.sha512, Self.sha512].map { hash in
            try DaemonConfig.load(text: text, file: "c", files: MemoryFiles(["/p": ("ann:\(hash)", 0o600)])).config
        }
        #expect(ReloadPlan(from: configs[0], to: configs[1]).tunnels.changed.count == 1)
        #expect(ReloadPlan(from: configs[1], to: configs[2]).isEmpty)
    }
}
