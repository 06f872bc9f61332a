import FPWConfig
import Testing

@testable import FPWRelay

@Suite("a certificate and its key")
struct ServerIdentityTests {
    @Test("are usable where they belong together, and tell from when until when")
    func usable() throws {
        let identity = try ServerIdentity(certificate: TestIdentity.certificate, key: TestIdentity.key)
        #expect([identity.notBefore, identity.notAfter] == [1_577_836_800, 4_731_436_800])
        #expect(ServerIdentity.check(TestIdentity.certificate, TestIdentity.key) == [])
    }

    @Test("may stand in one file")
    func together() throws {
        let both = PEMFile(path: "/both", bytes: TestIdentity.key.bytes + [0x0A] + TestIdentity.certificate.bytes)
        #expect(ServerIdentity.check(both, both) == [])
    }

    private static let noCertificate =
        "tls_certificate holds no certificate that can be read; write the relay's own first, "
        + "then those between it and a root, each from -----BEGIN CERTIFICATE----- on"
    private static let noKey =
        "tls_key holds no private key that can be read; it begins with -----BEGIN PRIVATE KEY-----"

    @Test(
        "are refused with what to change",
        arguments: [
            (TestIdentity.nonsense, TestIdentity.key, [noCertificate]),
            (TestIdentity.key, TestIdentity.key, [noCertificate]),
            (TestIdentity.certificate, TestIdentity.certificate, [noKey]),
            (TestIdentity.nonsense, TestIdentity.nonsense, [noCertificate, noKey]),
            (
                TestIdentity.certificate, TestIdentity.lockedKey,
                ["tls_key is locked with a passphrase; write it without one: openssl pkey -in /locked.key -out …"]
            ),
            (
                TestIdentity.certificate, TestIdentity.otherKey,
                ["tls_key is not the key of the first certificate in /relay.pem; name the one that is"]
            ),
            (PEMFile(path: "/empty", bytes: []), PEMFile(path: "/empty", bytes: []), [noCertificate, noKey]),
        ])
    func refused(certificate: PEMFile, key: PEMFile, problems: [String]) {
        let findings = ServerIdentity.check(certificate, key)
        #expect(findings.map { "\($0.file.rawValue) \($0.reason)" } == problems)
        #expect(findings.allSatisfy { $0.severity == .error })
    }

    @Test("are warned about where they do not count today")
    func outOfTime() throws {
        let identity = try ServerIdentity(certificate: TestIdentity.certificate, key: TestIdentity.key)
        func warnings(at now: Int) -> [String] { identity.warnings(at: now).map(\.reason) }
        #expect(warnings(at: identity.notBefore) == [] && warnings(at: identity.notAfter) == [])
        #expect(
            warnings(at: identity.notBefore - 1) == [
                "counts from 2020-01-01 on only: nobody trusts it before; look at the clock"
            ])
        #expect(
            warnings(at: identity.notAfter + 1) == ["has expired on 2119-12-08: nobody trusts it; renew it"])
    }

    @Test("have expired where they ended before 1970, and crash nothing")
    func ancient() {
        #expect(
            ServerIdentity.check(TestIdentity.ancientCertificate, TestIdentity.key).map(\.reason)
                == ["has expired on 1959-12-31: nobody trusts it; renew it"])
    }
}
