/// What a relay said in `fpw-features` that it can do beyond plain FPW (PROTOCOL.md §4).
package struct RelayFeatures: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A first POST with `fpw-hello` is answered at once.
    package static let hello = RelayFeatures(rawValue: 1)
    /// A slot can be closed without losing a visitor.
    package static let drain = RelayFeatures(rawValue: 2)
    /// Bodies pass as they arrive; chunked replies are taken.
    package static let stream = RelayFeatures(rawValue: 4)
    /// A reply whose POST broke can be sent again.
    package static let resend = RelayFeatures(rawValue: 8)

    package static let all: RelayFeatures = [.hello, .drain, .stream, .resend]

    /// The field's value on every answer of fpw-relay.
    package static let allText = all.text

    private static let names: [(String, RelayFeatures)] = [
        ("hello", .hello), ("drain", .drain), ("stream", .stream), ("resend", .resend),
    ]

    /// Reads the field's value; unknown names are passed over.
    package init(parsing value: ArraySlice<UInt8>) {
        // Every answer of fpw-relay carries the field, and carries it so.
        self = value.span.equals("hello, drain, stream, resend".utf8.span) ? .all : []
        guard isEmpty else { return }
        for member in HeaderSyntax.listMembers(of: value) {
            for (name, feature) in Self.names where member.equalsIgnoringASCIICase(name) { insert(feature) }
        }
    }

    /// The field's value.
    package var text: String {
        Self.names.filter { contains($0.1) }.map(\.0).joined(separator: ", ")
    }
}
