import FPWConfig
import FPWTransport
import Testing

@testable import FPWDaemon

@Suite struct UpstreamFindingTests {
    @Test(
        "the line about the local service says what works, or what does not",
        arguments: [
            ("http://127.0.0.1:3000", .answers(status: 200), "✓ http://127.0.0.1:3000 answers (200)"),
            ("unix:/run/app.sock", .answers(status: 404), "✓ unix:/run/app.sock answers (404)"),
            ("http://127.0.0.1:3000", failed(.connect), "✗ nothing listens on 127.0.0.1:3000"),
            ("http://[::1]", failed(.connect), "✗ nothing listens on [::1]:80"),
            ("unix:/run/app.sock", failed(.connect), "✗ nothing listens on unix:/run/app.sock"),
            ("http://127.0.0.1:3000", failed(.malformed), "✗ 127.0.0.1:3000 does not speak HTTP: why"),
            ("http://nas:3000", failed(.resolve), "✗ http://nas:3000: DNS failure: why"),
            (
                "https://10.0.0.5", failed(.tls, "self-signed certificate"),
                """
                ✗ https://10.0.0.5: certificate not trusted: self-signed certificate; \
                with a configuration file, upstream_ca_file or upstream_verify = false helps
                """
            ),
            ("https://10.0.0.5", failed(.tls), "✗ https://10.0.0.5: no TLS: why"),
            ("http://10.0.0.5", failed(.timeout), "✗ http://10.0.0.5: no connection in time: why"),
            (
                "http://127.0.0.1:3000", failed(.broken),
                "✗ 127.0.0.1:3000 closes the connection without an answer: why"
            ),
            ("http://127.0.0.1:3000", failed(.other), "✗ http://127.0.0.1:3000: why"),
            (
                "http://127.0.0.1:3000", .silent(within: .seconds(4)),
                "✗ http://127.0.0.1:3000 does not answer within 4 s"
            ),
        ] as [(String, UpstreamFinding, String)])
    func line(upstream: String, finding: UpstreamFinding, line: String) throws {
        #expect(finding.line(for: try UpstreamAddress(parsing: upstream)) == line)
    }

    private static func failed(_ kind: TransferFailure.Kind, _ detail: String = "why") -> UpstreamFinding {
        .failed(TransferFailure(kind, detail: detail))
    }
}
