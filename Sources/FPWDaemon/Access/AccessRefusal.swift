import FPWMetrics
import FPWProtocol
import FPWTransport

/// Why a tunnel's rules do not let a visit pass to the upstream.
enum AccessRefusal: Equatable, Sendable {
    case address
    case rate(retryAfter: Duration)
    case method(allowed: [Method])
    case path
    /// No user and password, for whatever stands behind this name.
    case credentialsMissing(realm: String)
    case credentialsWrong(realm: String)
    /// Too many wrong ones came from there.
    case failures(retryAfter: Duration)
    /// Too many passwords wait to be compared.
    case busy

    /// The word on the page, in the access log and in the metric.
    enum Reason: String, MetricLabel {
        case address = "address-refused"
        case rate = "rate-limited"
        case method = "method-refused"
        case path = "path-refused"
        case credentialsMissing = "auth-required"
        case credentialsWrong = "auth-failed"
        case failures = "auth-limited"
        case busy = "auth-busy"
    }

    var reason: Reason {
        switch self {
        case .address: .address
        case .rate: .rate
        case .method: .method
        case .path: .path
        case .credentialsMissing: .credentialsMissing
        case .credentialsWrong: .credentialsWrong
        case .failures: .failures
        case .busy: .busy
        }
    }

    var page: ErrorPage {
        switch self {
        case .address: page(403, "This site is not open to your address.")
        case .rate(let wait):
            page(429, "Too many requests came from your address.", ["retry-after": wait.wholeSeconds])
        case .method(let allowed):
            page(
                405, "This site does not serve requests of this method.",
                ["allow": allowed.map(\.name).joined(separator: ", ")])
        case .path: page(404, "Nothing is served at this address.")
        case .credentialsMissing(let realm), .credentialsWrong(let realm):
            // RFC 7617 §2.1; a tunnel's name needs no escapes.
            page(
                401, "This site asks for a user name and a password.",
                ["www-authenticate": "Basic realm=\"\(realm)\", charset=\"UTF-8\""])
        case .failures(let wait):
            page(429, "Too many wrong passwords came from your address.", ["retry-after": wait.wholeSeconds])
        case .busy: page(503, "Too many people are signing in; try again.", ["retry-after": "1"])
        }
    }

    private func page(_ status: Int, _ explanation: String, _ fields: HeaderFields = [:]) -> ErrorPage {
        ErrorPage(status: status, reason: reason.rawValue, explanation: explanation, fields: fields)
    }
}

extension Duration {
    /// For `Retry-After` (RFC 9110 §10.2.3): rounded up, never 0.
    fileprivate var wholeSeconds: String { "\(max(1, (milliseconds + 999) / 1000))" }
}
