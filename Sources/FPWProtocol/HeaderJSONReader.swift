/// Reads a JSON object of strings and arrays of strings; every other JSON is refused (PROTOCOL.md §5).
///
/// There is no recursion: the grammar is three levels deep.
struct HeaderJSONReader: ~Copyable {
    private var text: JSONStringReader
    private var fields = HeaderFields()
    private var name: [UInt8] = []
    private var value: [UInt8] = []
    /// Names of empty arrays, which make no field but must not stand twice either.
    private var emptyNames = HeaderFields()

    init(_ json: ArraySlice<UInt8>) {
        text = JSONStringReader(json)
    }

    mutating func read() throws(HeaderJSONError) -> HeaderFields {
        text.skipWhitespace()
        guard text.take(UInt8(ascii: "{")) else { throw .notAnObject }
        text.skipWhitespace()
        if !text.take(UInt8(ascii: "}")) {
            repeat {
                try readMember()
            } while try text.takeSeparator(orEnd: UInt8(ascii: "}"))
        }
        text.skipWhitespace()
        guard text.isAtEnd else { throw text.syntaxError }
        return fields
    }

    private mutating func readMember() throws(HeaderJSONError) {
        text.skipWhitespace()
        try text.readString(into: &name)
        let known = fields.count
        text.skipWhitespace()
        guard text.take(UInt8(ascii: ":")) else { throw text.syntaxError }
        text.skipWhitespace()
        guard HeaderSyntax.isToken(name) else { throw .badName }
        guard !fields.contains(where: { $0.name == name[...] }), !emptyNames.contains(where: { $0.name == name[...] })
        else { throw .duplicate(name: printableName) }
        if text.take(UInt8(ascii: "[")) {
            try readArray()
        } else {
            try readValue()
        }
        if fields.count == known { emptyNames.append(name: name[...], value: []) }
    }

    private mutating func readArray() throws(HeaderJSONError) {
        text.skipWhitespace()
        guard !text.take(UInt8(ascii: "]")) else { return }
        repeat {
            text.skipWhitespace()
            try readValue()
        } while try text.takeSeparator(orEnd: UInt8(ascii: "]"))
    }

    private mutating func readValue() throws(HeaderJSONError) {
        guard text.isAtString else { throw text.isAtValue ? .badType(name: printableName) : text.syntaxError }
        try text.readString(into: &value)
        guard HeaderSyntax.isValue(value) else { throw .badValue(name: printableName) }
        guard fields.count < FPWLimits.headerFields else { throw .tooManyFields }
        fields.append(name: name[...], value: value[...].trimmingBlanks)
    }

    private var printableName: String { String(decoding: name, as: UTF8.self) }
}
