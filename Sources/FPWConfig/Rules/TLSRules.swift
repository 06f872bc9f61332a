/// Something about a certificate or its key, found by one who can read them.
package struct CertificateFinding: Sendable, Equatable {
    package enum File: String, Sendable {
        case certificate = "tls_certificate"
        case key = "tls_key"
    }

    package let severity: Diagnostic.Severity
    package let file: File
    /// A predicate that follows the file in a message: `has expired`.
    package let reason: String

    package init(_ severity: Diagnostic.Severity, in file: File, _ reason: String) {
        self.severity = severity
        self.file = file
        self.reason = reason
    }
}

/// Looks into a certificate and its key, of which the configuration knows nothing; an error keeps the file from being used.
package typealias CertificateCheck = @Sendable (_ certificate: PEMFile, _ key: PEMFile) -> [CertificateFinding]

/// What holds between the keys of the listener with TLS.
struct TLSRules {
    let check: CertificateCheck

    func apply(to reading: TableReading<RelaySettings>, _ reader: inout ConfigReader) {
        guard reading.knows("tls_listen", "tls_certificate", "tls_key") else { return }
        let relay = reading.target
        switch (reading.written["tls_listen"], relay.tlsCertificate, relay.tlsKey) {
        case (_?, let certificate?, let key?):
            for finding in check(certificate, key) { report(finding, about: relay, in: reading, &reader) }
        case (let position?, _, _):
            reader.error(at: position, "tls_listen needs tls_certificate and tls_key; write both")
        case (nil, _, _):
            for key in ["tls_certificate", "tls_key"] where reading.written[key] != nil {
                reader.error(at: reading.written[key], "\(key) is without effect; add tls_listen = \"*:443\"")
            }
        }
    }

    private func report(
        _ finding: CertificateFinding, about relay: RelaySettings, in reading: TableReading<RelaySettings>,
        _ reader: inout ConfigReader
    ) {
        let key = finding.file.rawValue
        let file =
            switch finding.file {
            case .certificate: relay.tlsCertificate
            case .key: relay.tlsKey
            }
        let message = "\(key) = \(quoted(file?.path ?? "")) \(finding.reason)"
        switch finding.severity {
        case .error: reader.error(at: reading.written[key], message)
        case .warning: reader.warn(at: reading.written[key], message)
        }
    }
}
