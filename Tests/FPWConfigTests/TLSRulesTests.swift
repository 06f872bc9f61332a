import Testing

@testable import FPWConfig

@Suite("The listener with TLS")
struct TLSRulesTests {
    private let files = MemoryFiles([
        "/relay.pem": ("certificate", 0o644), "/relay.key": ("key", 0o640), "/open.key": ("key", 0o644),
        "/run/credentials/fpw-relay.service/key": ("key", 0o444),
    ])

    private func said(
        _ lines: String..., environment: [String: String] = [:], findings: [CertificateFinding] = []
    ) -> [String] {
        let text = (["[relay]"] + lines).joined(separator: "\n")
        do throws(ConfigErrors) {
            return try RelayConfig.load(
                text: text, file: "fpw-relay.conf", files: files, environment: environment
            ) { _, _ in findings }.warnings.map(\.description)
        } catch {
            return error.diagnostics.map(\.description)
        }
    }

    private let listen = "tls_listen = \"127.0.0.1:443\""
    private let certificate = "tls_certificate = \"/relay.pem\""
    private let key = "tls_key = \"/relay.key\""

    @Test("has an address, a certificate and a key, which are read with the configuration")
    func loads() throws {
        var expected = RelaySettings()
        expected.tlsListen = .tcp(host: "127.0.0.1", port: 443)
        expected.tlsCertificate = PEMFile(path: "/relay.pem", bytes: Array("certificate".utf8))
        expected.tlsKey = PEMFile(path: "/relay.key", bytes: Array("key".utf8))
        let loaded = try RelayConfig.load(
            text: "[relay]\n\(listen)\n\(certificate)\n\(key)", file: "fpw-relay.conf", files: files)
        #expect(loaded.config.relay == expected)
        #expect(loaded.effectiveText.contains(certificate) && loaded.effectiveText.contains(key))
    }

    @Test("needs certificate and key, and they need it")
    func belongTogether() {
        let needs = "fpw-relay.conf:2:14: tls_listen needs tls_certificate and tls_key; write both"
        #expect(said(listen) == [needs])
        #expect(said(listen, certificate) == [needs])
        #expect(said(listen, key) == [needs])
        #expect(
            said(certificate, key) == [
                "fpw-relay.conf:2:19: tls_certificate is without effect; add tls_listen = \"*:443\"",
                "fpw-relay.conf:3:11: tls_key is without effect; add tls_listen = \"*:443\"",
            ])
    }

    @Test("says which file cannot be read, and refuses a key that others can read")
    func unreadable() {
        #expect(
            said(listen, "tls_certificate = \"/none.pem\"", "tls_key = \"/open.key\"") == [
                "fpw-relay.conf:3:19: tls_certificate = \"/none.pem\" cannot be read: no such file",
                "fpw-relay.conf:4:11: tls_key = \"/open.key\" can be read by every user of this machine; "
                    + "run: chmod o-rwx /open.key",
            ])
    }

    @Test("takes a key from the service manager's credentials")
    func credential() {
        let folder = "/run/credentials/fpw-relay.service"
        let key = "tls_key = \"\(folder)/key\""
        #expect(said(listen, certificate, key, environment: ["CREDENTIALS_DIRECTORY": folder]) == [])
        #expect(said(listen, certificate, key).count == 1)
    }

    @Test("passes on what is found in the files, at the place of each")
    func passesOn() {
        let findings = [
            CertificateFinding(.error, in: .key, "is another's"),
            CertificateFinding(.warning, in: .certificate, "has expired"),
        ]
        #expect(
            said(listen, certificate, key, findings: findings) == [
                "fpw-relay.conf:3:19: warning: tls_certificate = \"/relay.pem\" has expired",
                "fpw-relay.conf:4:11: tls_key = \"/relay.key\" is another's",
            ])
        #expect(
            said(listen, certificate, key, findings: [findings[1]]) == [
                "fpw-relay.conf:3:19: warning: tls_certificate = \"/relay.pem\" has expired"
            ])
    }

    @Test("counts as a way in from the network, and has an address of its own")
    func isAListener() {
        let wide = "tls_listen = \"*:443\""
        let weak = "[host.\"a.b\"]\ntoken = \"short\""
        #expect(said(listen, certificate, key, weak) == [])
        #expect(said(wide, certificate, key, weak).count == 1)
        #expect(
            said("listen = \"127.0.0.1:443\"", listen, certificate, key) == [
                "fpw-relay.conf:3:14: tls_listen = \"127.0.0.1:443\" is the address of listen too; give it one of its own"
            ])
    }

    @Test("shows a changed certificate as a change that needs no restart, a changed address as one that does")
    func reload() {
        var old = RelayConfig()
        old.relay.tlsListen = .tcp(host: "::", port: 443)
        old.relay.tlsCertificate = PEMFile(path: "/relay.pem", bytes: [1])
        old.relay.tlsKey = PEMFile(path: "/relay.key", bytes: [1])
        var new = old
        new.relay.tlsCertificate = PEMFile(path: "/relay.pem", bytes: [2])
        new.relay.tlsListen = .tcp(host: "::", port: 8443)
        let settings = RelayReloadPlan(from: old, to: new).settings
        #expect(settings.live == ["tls_certificate"])
        #expect(settings.needRestart == ["tls_listen"])
    }
}
