import FPWConfig
import FPWService
import Glibc
import NIOSSL

/// A certificate and its key, ready for connections.
struct ServerIdentity: Sendable {
    let context: NIOSSLContext
    /// From when on the certificate counts, in seconds since the epoch.
    let notBefore: Int
    /// Until when it counts.
    let notAfter: Int

    /// All that keeps two files from being used.
    struct Refusal: Error, Equatable {
        let findings: [CertificateFinding]
    }

    init(certificate: PEMFile, key: PEMFile) throws(Refusal) {
        let chain = (try? NIOSSLCertificate.fromPEMBytes(certificate.bytes)) ?? []
        let privateKey = key.isReadable ? try? NIOSSLPrivateKey(bytes: key.bytes, format: .pem) : nil
        guard let leaf = chain.first, let privateKey else {
            let problems = [chain.isEmpty ? .noCertificate : nil, privateKey == nil ? Self.problem(with: key) : nil]
            throw Refusal(findings: problems.compactMap(\.self))
        }
        (notBefore, notAfter) = (leaf.notValidBefore, leaf.notValidAfter)
        do {
            context = try NIOSSLContext(configuration: Self.configuration(chain, privateKey))
        } catch NIOSSLError.failedToLoadPrivateKey {
            throw Refusal(findings: [.otherKey(than: certificate.path)])
        } catch {
            throw Refusal(findings: [.unusable(error)])
        }
    }

    private static func configuration(_ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }

    private static func problem(with key: PEMFile) -> CertificateFinding {
        key.isEncrypted ? .encryptedKey(at: key.path) : .noKey
    }
}

extension ServerIdentity {
    /// What a configuration's `tls_certificate` and `tls_key` make; nil where it has none.
    init?(_ settings: RelaySettings) throws(Refusal) {
        guard let certificate = settings.tlsCertificate, let key = settings.tlsKey else { return nil }
        try self.init(certificate: certificate, key: key)
    }

    /// A `CertificateCheck`.
    @Sendable static func check(_ certificate: PEMFile, _ key: PEMFile) -> [CertificateFinding] {
        do throws(Refusal) {
            return try ServerIdentity(certificate: certificate, key: key).warnings(at: time(nil))
        } catch {
            return error.findings
        }
    }

    /// - Parameter now: in seconds since the epoch.
    func warnings(at now: Int) -> [CertificateFinding] {
        if notAfter < now { return [.expired(on: Self.date(notAfter))] }
        return notBefore > now ? [.early(until: Self.date(notBefore))] : []
    }

    /// The day in UTC, `2026-01-31`.
    static func date(_ time: Int) -> String {
        var bytes: [UInt8] = []
        WallClock(timespec(tv_sec: time, tv_nsec: 0)).appendRFC3339(to: &bytes)
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "T") }, as: UTF8.self)
    }
}

extension PEMFile {
    /// As PKCS #8 (RFC 7468 §11) and OpenSSL's older form say it.
    fileprivate var isEncrypted: Bool { String(decoding: bytes, as: UTF8.self).contains("ENCRYPTED") }

    /// What NIOSSL may be given: it does not survive a file of no bytes.
    fileprivate var isReadable: Bool { !bytes.isEmpty && !isEncrypted }
}

extension CertificateFinding {
    fileprivate static let noCertificate = CertificateFinding(
        .error, in: .certificate,
        "holds no certificate that can be read; write the relay's own first, "
            + "then those between it and a root, each from -----BEGIN CERTIFICATE----- on")

    fileprivate static let noKey = CertificateFinding(
        .error, in: .key, "holds no private key that can be read; it begins with -----BEGIN PRIVATE KEY-----")

    fileprivate static func encryptedKey(at path: String) -> CertificateFinding {
        CertificateFinding(
            .error, in: .key, "is locked with a passphrase; write it without one: openssl pkey -in \(path) -out …")
    }

    fileprivate static func otherKey(than path: String) -> CertificateFinding {
        CertificateFinding(.error, in: .key, "is not the key of the first certificate in \(path); name the one that is")
    }

    fileprivate static func unusable(_ error: any Error) -> CertificateFinding {
        CertificateFinding(.error, in: .certificate, "cannot be used: \(error)")
    }

    fileprivate static func expired(on date: String) -> CertificateFinding {
        CertificateFinding(.warning, in: .certificate, "has expired on \(date): nobody trusts it; renew it")
    }

    fileprivate static func early(until date: String) -> CertificateFinding {
        CertificateFinding(
            .warning, in: .certificate, "counts from \(date) on only: nobody trusts it before; look at the clock")
    }
}
