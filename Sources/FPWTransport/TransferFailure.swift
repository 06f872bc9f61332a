import CFPWCurl

/// Why an exchange ended badly.
package struct TransferFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable, CaseIterable {
        /// The name could not be resolved.
        case resolve
        /// No connection.
        case connect
        /// The handshake failed, or the certificate is not trusted.
        case tls
        /// The proxy refused.
        case proxy
        /// Connecting took too long.
        case timeout
        /// The connection ended within the exchange.
        case broken
        /// A used connection ended before the first byte of an answer; whether to repeat is the caller's to decide.
        case unanswered
        /// The answer is no HTTP, or its head is too large.
        case malformed
        /// The request's body failed.
        case source
        /// The answer's body exceeded its limit, or could not be stored.
        case sink
        /// Out of memory or descriptors.
        case resources
        case other
    }

    package let kind: Kind
    /// What libcurl says, for a log line.
    package let detail: String

    package init(_ kind: Kind, detail: String) {
        self.kind = kind
        self.detail = detail
    }

    package var description: String { detail }
}

extension TransferFailure.Kind {
    /// nil: the exchange ended well.
    init?(result: Int32) {
        switch Int(result) {
        case FPW_OK: return nil
        case FPW_RESOLVE: self = .resolve
        case FPW_CONNECT: self = .connect
        case FPW_TLS: self = .tls
        case FPW_PROXY: self = .proxy
        case FPW_TIMEOUT: self = .timeout
        case FPW_BROKEN: self = .broken
        case FPW_UNANSWERED: self = .unanswered
        case FPW_MALFORMED: self = .malformed
        case FPW_SOURCE: self = .source
        case FPW_SINK: self = .sink
        case FPW_RESOURCES: self = .resources
        default: self = .other
        }
    }
}
