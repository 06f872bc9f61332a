/// Writes header fields as a JSON object of pure ASCII (PROTOCOL.md §5).
struct HeaderJSONWriter: ~Copyable {
    private var output: [UInt8] = []
    /// The places of fields that stand in the array of an earlier one already.
    private var written: [Int] = []

    static func write(_ fields: HeaderFields) -> [UInt8] {
        var writer = HeaderJSONWriter()
        writer.output.reserveCapacity(fields.byteCount + 6 * fields.count + 64)
        writer.writeObject(fields)
        return writer.output
    }

    private mutating func writeObject(_ fields: HeaderFields) {
        output.append(UInt8(ascii: "{"))
        for position in fields.indices where !written.contains(position) {
            if position > 0 { output.append(UInt8(ascii: ",")) }
            fields.withField(position) { name, _ in writeString(name) }
            output.append(UInt8(ascii: ":"))
            writeValues(fields, from: position)
        }
        output.append(UInt8(ascii: "}"))
    }

    /// Writes a field's value, or the values of all fields from it on that have its name.
    private mutating func writeValues(_ fields: HeaderFields, from first: Int) {
        var next = fields.firstIndex(likeNameAt: first, in: (first + 1)..<fields.count)
        let repeats = next != nil
        if repeats { output.append(UInt8(ascii: "[")) }
        fields.withField(first) { _, value in writeString(value) }
        while let position = next {
            output.append(UInt8(ascii: ","))
            fields.withField(position) { _, value in writeString(value) }
            written.append(position)
            next = fields.firstIndex(likeNameAt: first, in: (position + 1)..<fields.count)
        }
        if repeats { output.append(UInt8(ascii: "]")) }
    }

    private mutating func writeString(_ bytes: Span<UInt8>) {
        output.append(UInt8(ascii: "\""))
        var start = 0
        while true {
            let end = bytes.endOfPlainJSON(from: start)
            append(bytes.extracting(start..<end))
            guard end < bytes.count else { break }
            writeEscaped(bytes[end])
            start = end + 1
        }
        output.append(UInt8(ascii: "\""))
    }

    private mutating func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { output.append(contentsOf: $0) }
    }

    private mutating func writeEscaped(_ byte: UInt8) {
        output.append(UInt8(ascii: "\\"))
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            output.append(byte)
        } else {
            output.append(contentsOf: "u00".utf8)
            output.append((byte >> 4).hexadecimalDigit)
            output.append((byte & 0xF).hexadecimalDigit)
        }
    }
}

extension HeaderFields {
    /// The place of the first field in a range whose name is that of the given one.
    fileprivate func firstIndex(likeNameAt position: Int, in range: Range<Int>) -> Int? {
        withField(position) { name, _ in firstIndex(named: name, in: range) }
    }
}
