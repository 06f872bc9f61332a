/// A secret that authorises slots for a host. It never prints: its description is `<redacted>`.
package struct Token: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The secret itself, for the wire and for comparison only.
    package let secret: String

    package init(_ secret: String) { self.secret = secret }

    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(reflecting: "<redacted>") }
}
