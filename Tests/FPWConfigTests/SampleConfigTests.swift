import FPWProtocol
import Testing

@testable import FPWConfig

/// The files that are installed as /etc/fpw.conf and /etc/fpw-relay.conf.
@Suite("The shipped configurations")
struct SampleConfigTests {
    private func sample(_ name: String) throws -> String {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        return String(decoding: try SystemFiles().read("\(root)/config/\(name)").bytes, as: UTF8.self)
    }

    /// The same file with its `#key = value` and `#[table]` lines in effect.
    private func uncommented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                line.hasPrefix("#[") || line.prefixMatch(of: #/#[a-z0-9_]+ = /#) != nil ? line.dropFirst() : line
            }
            .joined(separator: "\n")
    }

    private func keys(in text: String) -> Set<String> {
        Set(text.matches(of: #/(?m)^#?([a-z0-9_]+) = /#).map { String($0.1) })
    }

    private static let passwords = "ann:\(AccessConfigTests.bcrypt)\n"

    private let files = MemoryFiles([
        "/etc/fpw/blog.passwords": (Self.passwords, 0o640),
        "/etc/fpw/blog.token": ("0123456789abcdef", 0o640), "/etc/fpw-relay/blog.token": ("0123456789abcdef", 0o640),
        "/etc/fpw-relay/tls/fullchain.pem": ("certificate", 0o644), "/etc/fpw-relay/tls/privkey.pem": ("key", 0o640),
    ])

    @Test("fpw.conf contacts nobody as it is shipped")
    func daemonAsShipped() throws {
        let loaded = try DaemonConfig.load(text: sample("fpw.conf"), file: "fpw.conf", files: MemoryFiles())
        #expect(loaded.config == DaemonConfig())
        #expect(loaded.warnings == [])
    }

    @Test("fpw.conf shows every key, with its default or an example")
    func daemonUncommented() throws {
        let text = uncommented(try sample("fpw.conf"))
        var tunnel = TunnelConfig(
            name: "blog", host: "blog.28820.com", token: Token("0123456789abcdef"),
            tokenSource: .file("/etc/fpw/blog.token"), upstream: UpstreamAddress(.http(host: "127.0.0.1", port: 8080)),
            relay: RelayURL(defaultFor: "blog.28820.com")
        )
        tunnel.fallback = UpstreamAddress(.http(host: "127.0.0.1", port: 8081))
        tunnel.healthPath = try RequestTarget(Array("/healthz".utf8), method: .get)
        tunnel.whenDown = .page
        tunnel.access.allow = ["192.0.2.0/24", "2001:db8::/32"].compactMap(AddressRange.init)
        tunnel.access.deny = ["192.0.2.66"].compactMap(AddressRange.init)
        tunnel.access.methods = [.get, .post]
        tunnel.access.paths = ["/hooks"].compactMap { PathPrefix($0) }
        tunnel.access.passwords = try PasswordFile(path: "/etc/fpw/blog.passwords", bytes: Array(Self.passwords.utf8))
        tunnel.access.rateLimit = RequestRate(600, per: .minute)
        tunnel.publicScheme = "https"
        tunnel.upstreamCAFile = "/etc/fpw/upstream-ca.pem"
        tunnel.caFile = "/etc/fpw/relay-ca.pem"
        tunnel.proxy = ""
        var expected = DaemonConfig()
        expected.tunnels = [tunnel]
        let loaded = try DaemonConfig.load(text: text, file: "fpw.conf", files: files)
        #expect(loaded.config == expected)
        #expect(loaded.warnings == [])
        let known = TableSchema.daemon.keys.map(\.name) + TableSchema.tunnel.keys.map(\.name)
        // A tunnel has one of the two; the file names the other in the comment above it.
        #expect(keys(in: text).union(["token"]) == Set(known))
        #expect(text.contains("token = \"…\""))
    }

    @Test("fpw-relay.conf is a relay of defaults as it is shipped")
    func relayAsShipped() throws {
        let loaded = try RelayConfig.load(text: sample("fpw-relay.conf"), file: "fpw-relay.conf", files: MemoryFiles())
        #expect(loaded.config == RelayConfig())
        #expect(loaded.warnings == [])
    }

    @Test("fpw-relay.conf shows every key, with its default or an example")
    func relayUncommented() throws {
        let text = uncommented(try sample("fpw-relay.conf"))
        var expected = RelayConfig()
        expected.relay.slotListen = .tcp(host: "127.0.0.1", port: 28821)
        expected.relay.tlsListen = .tcp(host: "::", port: 443)
        expected.relay.tlsCertificate = PEMFile(
            path: "/etc/fpw-relay/tls/fullchain.pem", bytes: Array("certificate".utf8))
        expected.relay.tlsKey = PEMFile(path: "/etc/fpw-relay/tls/privkey.pem", bytes: Array("key".utf8))
        expected.relay.trustedProxies = ["127.0.0.1", "::1"].compactMap(AddressRange.init)
        expected.relay.publicScheme = "https"
        let loaded = try RelayConfig.load(text: text, file: "fpw-relay.conf", files: files)
        #expect(loaded.config.relay == expected.relay)
        #expect(loaded.config.hosts.map(\.pattern) == ["blog.example.org", "*.example.org", "shop.example.org"])
        #expect(loaded.config.hosts.map(\.tokens.count) == [1, 1, 2])
        let known = TableSchema.relay.keys.map(\.name) + TableSchema.host.keys.map(\.name)
        #expect(keys(in: text) == Set(known))
    }
}
