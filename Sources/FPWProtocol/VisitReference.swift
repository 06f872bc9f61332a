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
        for name in [FPWField.rid, FPWField.id] {
            guard let value = fields.first(name), !value.isEmpty, HeaderSyntax.isValue(value.span) else { continue }
            self.init(fieldName: name, value: value)
            return
        }
        return nil
    }
}
