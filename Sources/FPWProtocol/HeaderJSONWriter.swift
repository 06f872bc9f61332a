/// Writes header fields as a JSON object of pure ASCII (PROTOCOL.md §5).
struct HeaderJSONWriter: ~Copyable {
    private var output: [UInt8] = []

    static func write(_ fields: HeaderFields) -> [UInt8] {
        var writer = HeaderJSONWriter()
        writer.output.reserveCapacity(fields.byteCount + 6 * fields.count + 64)
        writer.writeObject(fields)
        return writer.output
    }

    private mutating func writeObject(_ fields: HeaderFields) {
        output.append(UInt8(ascii: "{"))
        for index in fields.indices where !fields.isRepeated(before: index) {
            if output.count > 1 { output.append(UInt8(ascii: ",")) }
            writeString(fields[index].name)
            output.append(UInt8(ascii: ":"))
            writeValues(fields, from: index)
        }
        output.append(UInt8(ascii: "}"))
    }

    private mutating func writeValues(_ fields: HeaderFields, from index: Int) {
        let name = fields[index].name
        let later = ((index + 1)..<fields.count).filter { fields[$0].name.equalsIgnoringASCIICase(name) }
        guard !later.isEmpty else { return writeString(fields[index].value) }
        output.append(UInt8(ascii: "["))
        writeString(fields[index].value)
        for repeated in later {
            output.append(UInt8(ascii: ","))
            writeString(fields[repeated].value)
        }
        output.append(UInt8(ascii: "]"))
    }

    private mutating func writeString(_ bytes: ArraySlice<UInt8>) {
        output.append(UInt8(ascii: "\""))
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0x20...0x7E:
                output.append(byte)
            default:
                output.append(contentsOf: #"\u00"#.utf8)
                output.append((byte >> 4).hexadecimalDigit)
                output.append((byte & 0xF).hexadecimalDigit)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}

extension HeaderFields {
    fileprivate func isRepeated(before index: Int) -> Bool {
        let name = self[index].name
        return self[..<index].contains { $0.name.equalsIgnoringASCIICase(name) }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func equalsIgnoringASCIICase(_ other: ArraySlice<UInt8>) -> Bool {
        count == other.count && zip(self, other).allSatisfy { $0.asciiLowercased == $1.asciiLowercased }
    }
}
