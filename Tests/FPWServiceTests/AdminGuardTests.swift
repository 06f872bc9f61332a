@testable import FPWService
import NIOHTTP1
import Testing

@Suite struct AdminGuardTests {
    static let key = AccessKey()
    static let loopback = ServerAddress.tcp(host: "127.0.0.1", port: 9882)
    static let unix = ServerAddress.unix(path: "/run/a.sock")
    static let network = ServerAddress.tcp(host: "::", port: 9882)

    typealias Case = (
        address: ServerAddress, access: AdminRoute.Access, target: String, headers: HTTPHeaders, verdict: String
    )

    static func verdict(
        _ address: ServerAddress, _ access: AdminRoute.Access, _ method: AdminRequest.Method, _ target: String,
        _ headers: HTTPHeaders
    ) -> String {
        let guardian = AdminGuard(program: "fpwd", address: address, key: key)
        let request = AdminRequest(method: method, target: target, headers: headers)
        return switch guardian.verdict(on: request, access) {
        case .admit: "admit"
        case .signIn: "sign in"
        case .askForKey: "ask for key"
        case .refuse(let status, _): "\(status)"
        }
    }

    static let cookie = "fpwd-9882=\(key.secret)"

    static let readings: [Case] = [
        // Metrics and health: from elsewhere too, but not under a foreign name on loopback.
        (loopback, .everyone, "/healthz", ["host": "127.0.0.1:9882"], "admit"),
        (loopback, .everyone, "/healthz", [:], "admit"),
        (loopback, .everyone, "/healthz", ["host": "evil.test:9882"], "421"),
        (network, .everyone, "/healthz", ["host": "server.test:9882"], "admit"),
        (unix, .everyone, "/healthz", ["host": "any"], "admit"),
        // Tools of this machine.
        (loopback, .machine, "/status", ["host": "localhost:9882"], "admit"),
        (loopback, .machine, "/status", ["host": "evil.test:9882"], "421"),
        (network, .machine, "/status", ["host": "localhost:9882"], "403"),
        (unix, .machine, "/status", ["host": "any"], "admit"),
        // The page: a key, and a name of this machine.
        (loopback, .key, "/", ["host": "localhost:9882"], "ask for key"),
        (loopback, .key, "/", ["host": "localhost:9882", "cookie": cookie], "admit"),
        (loopback, .key, "/", ["host": "LOCALHOST:9882", "cookie": "a=b; \(cookie); c=d"], "admit"),
        (loopback, .key, "/", ["host": "[::1]:9882", "cookie": cookie], "admit"),
        (loopback, .key, "/", ["host": "127.9.9.9:9882", "cookie": cookie], "admit"),
        (loopback, .key, "/", ["host": "localhost:9883", "cookie": cookie], "421"),
        (loopback, .key, "/", ["host": "localhost", "cookie": cookie], "421"),
        (loopback, .key, "/", ["host": "127.0.0.1.evil.test:9882", "cookie": cookie], "421"),
        (loopback, .key, "/", ["host": "evil.test:9882", "cookie": cookie], "421"),
        (loopback, .key, "/", ["cookie": cookie], "421"),
        (loopback, .key, "/", ["host": "localhost:9882", "cookie": "fpwd-9882=\(AccessKey().secret)"], "ask for key"),
        (loopback, .key, "/", ["host": "localhost:9882", "cookie": "fpwd-9882="], "ask for key"),
        (loopback, .key, "/", ["host": "localhost:9882", "cookie": "fpw-relay-9882=\(key.secret)"], "ask for key"),
        (loopback, .key, "/ui/state", ["host": "localhost:9882"], "ask for key"),
        (network, .key, "/", ["host": "localhost:9882", "cookie": cookie], "403"),
        (unix, .key, "/", ["host": "localhost"], "admit"),
        (unix, .key, "/", ["host": "localhost:8000"], "admit"),
        (unix, .key, "/", ["host": "evil.test"], "421"),
        (unix, .key, "/", [:], "421"),
        // The key in the URL, on the page alone.
        (loopback, .key, "/?key=\(key.secret)", ["host": "localhost:9882"], "sign in"),
        (loopback, .key, "/?a=b&key=\(key.secret)", ["host": "localhost:9882"], "sign in"),
        (loopback, .key, "/?key=0", ["host": "localhost:9882", "cookie": cookie], "ask for key"),
        (loopback, .key, "/?key=\(key.secret)", ["host": "evil.test:9882"], "421"),
        (loopback, .key, "/ui/state?key=\(key.secret)", ["host": "localhost:9882"], "ask for key"),
    ]

    @Test("a reading is decided by listener, name and key", arguments: readings)
    func reading(_ row: Case) {
        #expect(Self.verdict(row.address, row.access, .get, row.target, row.headers) == row.verdict)
    }

    static let changes: [(address: ServerAddress, headers: HTTPHeaders, verdict: String)] = [
        (loopback, ["host": "localhost:9882", "cookie": cookie, "origin": "http://localhost:9882"], "admit"),
        (loopback, ["host": "localhost:9882", "cookie": cookie, "origin": "http://127.0.0.1:9882"], "403"),
        (loopback, ["host": "localhost:9882", "cookie": cookie, "origin": "https://localhost:9882"], "403"),
        (loopback, ["host": "localhost:9882", "cookie": cookie, "origin": "http://localhost:80"], "403"),
        (loopback, ["host": "localhost:9882", "cookie": cookie, "origin": "null"], "403"),
        (loopback, ["host": "localhost:9882", "cookie": cookie], "403"),
        (loopback, ["host": "localhost:9882", "origin": "http://localhost:9882"], "ask for key"),
        (unix, ["host": "localhost", "origin": "http://localhost"], "admit"),
        (unix, ["host": "localhost", "origin": "http://evil.test"], "403"),
        (unix, ["host": "localhost"], "403"),
        (network, ["host": "localhost:9882", "cookie": cookie, "origin": "http://localhost:9882"], "403"),
    ]

    @Test("a change also needs the page's own origin", arguments: changes)
    func change(address: ServerAddress, headers: HTTPHeaders, verdict: String) {
        #expect(Self.verdict(address, .key, .post, "/ui/visits/1/send", headers) == verdict)
    }

    @Test("the key moves from the URL into a cookie that no script and no other site can use")
    func signedIn() {
        let guardian = AdminGuard(program: "fpwd", address: Self.loopback, key: Self.key)
        #expect(guardian.pageURL(on: Self.loopback) == "http://127.0.0.1:9882/?key=\(Self.key.secret)")
        let response = guardian.signedIn.secured
        #expect(response.status == 303)
        #expect(response.headers["location"] == ["/"])
        #expect(response.headers["set-cookie"] == ["\(Self.cookie); HttpOnly; SameSite=Strict; Path=/"])
        #expect(response.headers["referrer-policy"] == ["no-referrer"])
        #expect(response.headers["cache-control"] == ["no-store"])
    }

    @Test("a key has 128 bits, prints nothing, and matches itself alone")
    func key() {
        #expect(Self.key.secret.utf8.count == 32)
        #expect("\(Self.key)" == "<redacted>")
        #expect(Self.key.matches(Self.key.secret.utf8))
        #expect(!Self.key.matches(AccessKey().secret.utf8))
        #expect(!Self.key.matches("".utf8))
        #expect(!Self.key.matches("\(Self.key.secret)0".utf8))
    }

    @Test(
        "a Host field is taken apart",
        arguments: [
            ("localhost", HostField(name: "localhost", port: 80)), ("a.test:81", HostField(name: "a.test", port: 81)),
            ("[::1]:9882", HostField(name: "::1", port: 9882)), ("[::1]", HostField(name: "::1", port: 80)),
            ("", nil), (":80", nil), ("a:", nil), ("a:b", nil), ("a:80:80", nil), ("[::1", nil), ("[::1]x", nil),
            ("a:-1", nil), ("a: 80", nil),
        ] as [(String, HostField?)]
    )
    func hostField(text: String, field: HostField?) {
        #expect(HostField(text) == field)
    }
}
