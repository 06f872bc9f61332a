/// A secret that authorises slots for a host. It never prints: its description is `<redacted>`.
package struct Token: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The secret itself, for the wire and for comparison only.
    package let secret: String

    package init(_ secret: String) { self.secret = secret }

    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(reflecting: "<redacted>") }
}

extension Token {
    /// Compares in a time that depends on the lengths alone, so that nobody finds a token byte by byte.
    /// An empty token matches nothing.
    package func matches(_ candidate: Span<UInt8>) -> Bool {
        let secret = secret.utf8.span
        guard !secret.isEmpty else { return false }
        var difference = secret.count ^ candidate.count
        for index in candidate.indices {
            difference |= Int(candidate[index] ^ secret[index % secret.count])
        }
        return difference == 0
    }
}

extension [Token] {
    /// The token that matches; all are compared.
    package func match(for candidate: Span<UInt8>) -> Token? {
        var match: Token?
        for token in self where token.matches(candidate) { match = token }
        return match
    }
}
