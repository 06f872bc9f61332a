/// A place in a JSON text (RFC 8259), from which strings and punctuation are read.
///
/// The text is passed to every call, because a stored `Span` would need an experimental language feature and a stored
/// array would cost reference counts on a path where every visit passes.
struct JSONCursor: ~Copyable {
    /// A string's content.
    enum Text {
        /// It stands in the JSON text as it is, in ASCII.
        case plain(Range<Int>)
        /// It stands in `unescaped`, as UTF-8; `highest` is its highest code point.
        case unescaped(highest: UInt32)
    }

    private(set) var offset = 0
    private(set) var unescaped: [UInt8] = []

    var syntaxError: HeaderJSONError { .syntax(offset: offset) }

    func next(_ json: Span<UInt8>) -> UInt8? { offset < json.count ? json[offset] : nil }

    mutating func skipWhitespace(_ json: Span<UInt8>) {
        while let byte = next(json), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    mutating func take(_ byte: UInt8, _ json: Span<UInt8>) -> Bool {
        guard next(json) == byte else { return false }
        offset += 1
        return true
    }

    /// Takes a comma (true) or the closing bracket (false).
    mutating func takeSeparator(orEnd end: UInt8, _ json: Span<UInt8>) throws(HeaderJSONError) -> Bool {
        skipWhitespace(json)
        if take(UInt8(ascii: ","), json) { return true }
        guard take(end, json) else { throw syntaxError }
        return false
    }

    mutating func readString(_ json: Span<UInt8>) throws(HeaderJSONError) -> Text {
        guard take(UInt8(ascii: "\""), json) else { throw syntaxError }
        let plain = takePlain(json)
        if take(UInt8(ascii: "\""), json) { return .plain(plain) }
        unescaped.removeAll(keepingCapacity: true)
        appendPlain(plain, json)
        var highest: UInt32 = 0
        while !take(UInt8(ascii: "\""), json) {
            let scalar = try readScalar(json)
            highest = max(highest, scalar.value)
            unescaped.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            appendPlain(takePlain(json), json)
        }
        return .unescaped(highest: highest)
    }

    /// Takes what stands for itself: ASCII without quotes, backslashes and control characters.
    private mutating func takePlain(_ json: Span<UInt8>) -> Range<Int> {
        let start = offset
        offset = json.endOfPlainJSON(from: start)
        return start..<offset
    }

    private mutating func appendPlain(_ range: Range<Int>, _ json: Span<UInt8>) {
        json.extracting(range).withUnsafeBufferPointer { unescaped.append(contentsOf: $0) }
    }

    private mutating func readScalar(_ json: Span<UInt8>) throws(HeaderJSONError) -> Unicode.Scalar {
        guard let byte = next(json), byte >= 0x20 else { throw syntaxError }
        if byte == UInt8(ascii: "\\") { return try readEscape(json) }
        var decoder = UTF8()
        let sequence = json.extracting(offset..<min(offset + 4, json.count))
        let result = sequence.withUnsafeBufferPointer { bytes in
            var bytes = bytes.makeIterator()
            return decoder.decode(&bytes)
        }
        guard case .scalarValue(let scalar) = result else { throw syntaxError }
        offset += UTF8.width(scalar)
        return scalar
    }

    private mutating func readEscape(_ json: Span<UInt8>) throws(HeaderJSONError) -> Unicode.Scalar {
        offset += 1
        guard let kind = next(json) else { throw syntaxError }
        if take(UInt8(ascii: "u"), json) { return try readUnicodeEscape(json) }
        guard let scalar = Self.escaped(kind) else { throw syntaxError }
        offset += 1
        return scalar
    }

    /// What a backslash and this letter stand for.
    private static func escaped(_ letter: UInt8) -> Unicode.Scalar? {
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): Unicode.Scalar(letter)
        case UInt8(ascii: "b"): "\u{08}"
        case UInt8(ascii: "f"): "\u{0C}"
        case UInt8(ascii: "n"): "\n"
        case UInt8(ascii: "r"): "\r"
        case UInt8(ascii: "t"): "\t"
        default: nil
        }
    }

    /// Reads the digits of `\uXXXX` and, after a high surrogate, the `\uXXXX` that completes it.
    private mutating func readUnicodeEscape(_ json: Span<UInt8>) throws(HeaderJSONError) -> Unicode.Scalar {
        let lead = try readCodeUnit(json)
        if let scalar = Unicode.Scalar(lead) { return scalar }
        guard UTF16.isLeadSurrogate(lead), take(UInt8(ascii: "\\"), json), take(UInt8(ascii: "u"), json) else {
            throw syntaxError
        }
        let trail = try readCodeUnit(json)
        let value = 0x10000 + (UInt32(lead) & 0x3FF) << 10 + UInt32(trail) & 0x3FF
        guard UTF16.isTrailSurrogate(trail), let scalar = Unicode.Scalar(value) else { throw syntaxError }
        return scalar
    }

    private mutating func readCodeUnit(_ json: Span<UInt8>) throws(HeaderJSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = next(json)?.hexadecimalValue else { throw syntaxError }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }
}
