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
    package func matches(_ candidate: some Collection<UInt8>) -> Bool {
        let secret = Array(secret.utf8)
        let candidate = Array(candidate)
        guard !secret.isEmpty else { return false }
        var difference = secret.count ^ candidate.count
        for (index, byte) in candidate.enumerated() {
            difference |= Int(byte ^ secret[index % secret.count])
        }
        return difference == 0
    }
}

extension Collection<Token> {
    /// Whether one of the tokens matches; all are compared.
    package func containsMatch(for candidate: some Collection<UInt8>) -> Bool {
        reduce(false) { found, token in token.matches(candidate) || found }
    }
}
