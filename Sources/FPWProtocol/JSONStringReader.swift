/// Reads strings and punctuation of a JSON text (RFC 8259), byte by byte.
struct JSONStringReader: ~Copyable {
    private let json: ArraySlice<UInt8>
    private var position: Int

    init(_ json: ArraySlice<UInt8>) {
        self.json = json
        position = json.startIndex
    }

    var isAtEnd: Bool { position == json.endIndex }
    var isAtString: Bool { next == UInt8(ascii: "\"") }
    /// Whether a JSON value of another kind seems to begin here.
    var isAtValue: Bool {
        guard let next else { return false }
        return next.isDigit || [UInt8]("-tfn{[".utf8).contains(next)
    }
    var syntaxError: HeaderJSONError { .syntax(offset: position - json.startIndex) }

    private var next: UInt8? { position < json.endIndex ? json[position] : nil }

    mutating func skipWhitespace() {
        while let next, next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 { position += 1 }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// Takes a comma (true) or the closing bracket (false).
    mutating func takeSeparator(orEnd end: UInt8) throws(HeaderJSONError) -> Bool {
        skipWhitespace()
        if take(UInt8(ascii: ",")) { return true }
        guard take(end) else { throw syntaxError }
        return false
    }

    /// Reads a string as bytes: one byte per code point where all are below U+0100, UTF-8 otherwise.
    mutating func readString(into result: inout [UInt8]) throws(HeaderJSONError) {
        guard take(UInt8(ascii: "\"")) else { throw syntaxError }
        result.removeAll(keepingCapacity: true)
        var highest: UInt32 = 0
        while !take(UInt8(ascii: "\"")) {
            let scalar = try readScalar()
            highest = max(highest, scalar.value)
            result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
        if (0x80...0xFF).contains(highest) { result = Latin1.bytes(ofUTF8: result) }
    }

    private mutating func readScalar() throws(HeaderJSONError) -> Unicode.Scalar {
        guard let next, next >= 0x20 else { throw syntaxError }
        if next == UInt8(ascii: "\\") { return try readEscape() }
        if next < 0x80 {
            position += 1
            return Unicode.Scalar(next)
        }
        return try readUTF8()
    }

    private mutating func readUTF8() throws(HeaderJSONError) -> Unicode.Scalar {
        var decoder = UTF8()
        var bytes = json[position...].prefix(4).makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&bytes) else { throw syntaxError }
        position += UTF8.width(scalar)
        return scalar
    }

    private mutating func readEscape() throws(HeaderJSONError) -> Unicode.Scalar {
        let start = position - json.startIndex
        position += 1
        guard let kind = next else { throw syntaxError }
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(kind)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try readUnicodeEscape()
        default: throw .syntax(offset: start)
        }
    }

    /// Reads the digits of `\uXXXX` and, after a high surrogate, of the `\uXXXX` that completes it.
    private mutating func readUnicodeEscape() throws(HeaderJSONError) -> Unicode.Scalar {
        let unit = try readCodeUnit()
        if let scalar = Unicode.Scalar(UInt32(unit)) { return scalar }
        guard UTF16.isLeadSurrogate(unit), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw syntaxError }
        let trail = try readCodeUnit()
        guard UTF16.isTrailSurrogate(trail) else { throw syntaxError }
        return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    }

    private mutating func readCodeUnit() throws(HeaderJSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = next?.hexadecimalValue else { throw syntaxError }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}

private enum Latin1 {
    static func bytes(ofUTF8 text: [UInt8]) -> [UInt8] {
        String(decoding: text, as: UTF8.self).unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }
}
