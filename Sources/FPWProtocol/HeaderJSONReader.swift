/// Reads a JSON object of strings and arrays of strings; every other JSON is refused (PROTOCOL.md §5).
///
/// There is no recursion: the grammar is three levels deep.
struct HeaderJSONReader: ~Copyable {
    private var cursor = JSONCursor()
    private var fields = HeaderFields()
    /// Names of empty arrays, which make no field but must not stand twice either.
    private var emptyNames = HeaderFields()

    consuming func read(_ json: Span<UInt8>) throws(HeaderJSONError) -> HeaderFields {
        fields.reserveCapacity(bytes: json.count, fields: 32)
        cursor.skipWhitespace(json)
        guard cursor.take(UInt8(ascii: "{"), json) else { throw .notAnObject }
        cursor.skipWhitespace(json)
        if !cursor.take(UInt8(ascii: "}"), json) {
            repeat {
                try readMember(json)
            } while try cursor.takeSeparator(orEnd: UInt8(ascii: "}"), json)
        }
        cursor.skipWhitespace(json)
        guard cursor.offset == json.count else { throw cursor.syntaxError }
        return fields
    }

    private mutating func readMember(_ json: Span<UInt8>) throws(HeaderJSONError) {
        cursor.skipWhitespace(json)
        switch try cursor.readString(json) {
        case .plain(let name):
            try readValues(of: json.extracting(name), json)
        case .unescaped:
            let name = cursor.unescaped
            try readValues(of: name.span, json)
        }
    }

    private mutating func readValues(of name: Span<UInt8>, _ json: Span<UInt8>) throws(HeaderJSONError) {
        cursor.skipWhitespace(json)
        guard cursor.take(UInt8(ascii: ":"), json) else { throw cursor.syntaxError }
        guard HeaderSyntax.isToken(name) else { throw .badName }
        guard fields.firstIndex(exactly: name) == nil, emptyNames.firstIndex(exactly: name) == nil else {
            throw .duplicate(name: name.cleaned)
        }
        cursor.skipWhitespace(json)
        if cursor.take(UInt8(ascii: "["), json) {
            try readArray(of: name, json)
        } else {
            try readValue(of: name, json)
        }
    }

    private mutating func readArray(of name: Span<UInt8>, _ json: Span<UInt8>) throws(HeaderJSONError) {
        cursor.skipWhitespace(json)
        if cursor.take(UInt8(ascii: "]"), json) {
            guard fields.count + emptyNames.count < FPWLimits.headerFields else { throw .tooManyFields }
            return emptyNames.append(name: name, value: "".utf8.span)
        }
        repeat {
            cursor.skipWhitespace(json)
            try readValue(of: name, json)
        } while try cursor.takeSeparator(orEnd: UInt8(ascii: "]"), json)
    }

    private mutating func readValue(of name: Span<UInt8>, _ json: Span<UInt8>) throws(HeaderJSONError) {
        guard let first = cursor.next(json) else { throw cursor.syntaxError }
        guard first == UInt8(ascii: "\"") else {
            throw first.beginsJSONValue ? .badType(name: name.cleaned) : cursor.syntaxError
        }
        switch try cursor.readString(json) {
        case .plain(let value):
            try append(name, json.extracting(value))
        case .unescaped(let highest):
            let isSingleBytes = (0x80...0xFF).contains(highest)
            let value = isSingleBytes ? Latin1.bytes(ofUTF8: cursor.unescaped) : cursor.unescaped
            try append(name, value.span)
        }
    }

    private mutating func append(_ name: Span<UInt8>, _ value: Span<UInt8>) throws(HeaderJSONError) {
        guard HeaderSyntax.isValue(value) else { throw .badValue(name: name.cleaned) }
        guard fields.count + emptyNames.count < FPWLimits.headerFields else { throw .tooManyFields }
        fields.append(name: name, value: value.extracting(value.rangeWithoutBlanks))
    }
}

extension UInt8 {
    fileprivate var beginsJSONValue: Bool { isDigit || "-tfn{[".utf8.contains(self) }
}

extension Span<UInt8> {
    /// A peer's name, fit for a message.
    fileprivate var cleaned: String {
        withUnsafeBufferPointer { MessageText.clean(Array($0)[...]) }
    }
}

private enum Latin1 {
    /// One byte per code point; all of them are below U+0100.
    static func bytes(ofUTF8 text: [UInt8]) -> [UInt8] {
        String(decoding: text, as: UTF8.self).unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }
}
