import FPWConfig
import FPWTransport

/// What quick mode's check found out about the local service.
enum UpstreamFinding: Sendable, Equatable {
    /// It speaks HTTP; whether the status is the wanted one, its owner knows.
    case answers(status: Int)
    case failed(TransferFailure)
    /// It took the connection, or not even that, and said nothing.
    case silent(within: Duration)

    var isGood: Bool {
        switch self {
        case .answers: true
        case .failed, .silent: false
        }
    }

    /// The line for the user: what works, or what does not and what to change.
    func line(for upstream: UpstreamAddress) -> String {
        switch self {
        case .answers(let status): "✓ \(upstream) answers (\(status))"
        case .failed(let failure): "✗ " + Self.text(failure, upstream)
        case .silent(let limit): "✗ \(upstream) does not answer within \(limit.inWords)"
        }
    }

    private static func text(_ failure: TransferFailure, _ upstream: UpstreamAddress) -> String {
        switch failure.kind {
        case .connect: "nothing listens on \(upstream.place)"
        case .malformed: "\(upstream.place) does not speak HTTP: \(failure.detail)"
        case .resolve: "\(upstream): DNS failure: \(failure.detail)"
        case .tls where failure.isAboutCertificate:
            """
            \(upstream): certificate not trusted: \(failure.detail); \
            with a configuration file, upstream_ca_file or upstream_verify = false helps
            """
        case .tls: "\(upstream): no TLS: \(failure.detail)"
        case .timeout: "\(upstream): no connection in time: \(failure.detail)"
        case .broken, .unanswered: "\(upstream.place) closes the connection without an answer: \(failure.detail)"
        case .proxy, .source, .sink, .resources, .other: "\(upstream): \(failure.detail)"
        }
    }
}

extension TransferFailure {
    /// libcurl has one code for handshakes that fail and for certificates that nobody vouches for; its text tells.
    var isAboutCertificate: Bool { detail.contains("certificate") }
}

extension UpstreamAddress {
    /// Host and port, the port written out; or the socket.
    fileprivate var place: String {
        switch endpoint {
        case .http(let host, let port), .https(let host, let port): "\(ListenAddress.tcp(host: host, port: port))"
        case .unix(let path): "unix:\(path)"
        }
    }
}

extension Duration {
    /// `4 s`, for whole seconds in a sentence.
    var inWords: String { "\(components.seconds) s" }
}
