/// A visit's id as a daemon got it: opaque bytes, which go back under the field name that they came with
/// (PROTOCOL.md §1).
package struct VisitReference: Hashable, Sendable {
    /// `fpw-id` or `fpw-rid`.
    package let fieldName: String
    package let value: [UInt8]

    package init(fieldName: String, value: some Sequence<UInt8>) {
        self.fieldName = fieldName
        self.value = Array(value)
    }

    /// Finds the id in an answer's header fields; nil where it has none, or none that could be sent back.
    ///
    /// Where a relay sends both spellings the deployed one wins, since every existing client replies with it.
    package init?(in fields: HeaderFields) {
        if let value = Self.id(fields.first(FPWField.rid)) {
            self.init(fieldName: FPWField.rid, value: value)
        } else if let value = Self.id(fields.first(FPWField.id)) {
            self.init(fieldName: FPWField.id, value: value)
        } else {
            return nil
        }
    }

    private static func id(_ value: ArraySlice<UInt8>?) -> ArraySlice<UInt8>? {
        guard let value, !value.isEmpty, HeaderSyntax.isValue(value.span) else { return nil }
        return value
    }
}
