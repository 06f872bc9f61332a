/// An ordered list of HTTP header fields as bytes, kept in one flat buffer.
///
/// Names and values are the bytes of the wire (RFC 9110 §5): nothing is decoded, folded or reordered, so what is read can
/// be written again without loss. All fields share one allocation, because every visit reads and writes several lists.
package struct HeaderFields: Sendable {
    package struct Field {
        package let name: ArraySlice<UInt8>
        package let value: ArraySlice<UInt8>
    }

    private struct Range {
        let start: Int32
        let nameEnd: Int32
        let end: Int32
    }

    private var bytes: [UInt8] = []
    private var ranges: [Range] = []

    package init() {}

    package mutating func reserveCapacity(bytes byteCount: Int, fields: Int) {
        bytes.reserveCapacity(byteCount)
        ranges.reserveCapacity(fields)
    }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
    }

    package mutating func append(name: Span<UInt8>, value: Span<UInt8>) {
        let start = bytes.count
        name.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        let nameEnd = bytes.count
        value.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        ranges.append(Range(start: Int32(start), nameEnd: Int32(nameEnd), end: Int32(bytes.count)))
    }

    package mutating func append(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
        append(name: name.span, value: value.span)
    }

    package mutating func append(_ field: Field) {
        append(name: field.name, value: field.value)
    }

    package mutating func append(name: String, value: String) {
        append(name: name.utf8.span, value: value.utf8.span)
    }

    package mutating func append(name: String, value: some Sequence<UInt8>) {
        append(name: name.utf8.span, value: Array(value).span)
    }

    /// The bytes of all names and values together, without separators.
    package var byteCount: Int { bytes.count }
}

extension HeaderFields: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { ranges.count }

    package subscript(position: Int) -> Field {
        let range = ranges[position]
        return Field(
            name: bytes[Int(range.start)..<Int(range.nameEnd)],
            value: bytes[Int(range.nameEnd)..<Int(range.end)]
        )
    }
}

extension HeaderFields {
    /// The value of the first field of this name, compared without case.
    package func first(_ name: String) -> ArraySlice<UInt8>? {
        first { $0.isNamed(name) }?.value
    }

    /// The first value of this name as text; bytes that are not UTF-8 are replaced.
    package func firstString(_ name: String) -> String? {
        first(name).map { String(decoding: $0, as: UTF8.self) }
    }

    package func contains(_ name: String) -> Bool {
        contains { $0.isNamed(name) }
    }
}

extension HeaderFields.Field {
    /// Whether the field has this name; `lowercased` must be written in lower case.
    package func isNamed(_ lowercased: String) -> Bool {
        name.equalsIgnoringASCIICase(lowercased)
    }
}

extension HeaderFields.Field: Equatable {}

extension HeaderFields: Equatable {
    package static func == (left: HeaderFields, right: HeaderFields) -> Bool {
        left.elementsEqual(right)
    }
}

extension HeaderFields: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { append(name: name, value: value) }
    }
}

extension HeaderFields: CustomStringConvertible {
    package var description: String {
        map { "\(String(decoding: $0.name, as: UTF8.self)): \(String(decoding: $0.value, as: UTF8.self))" }
            .joined(separator: "\n")
    }
}

extension ArraySlice<UInt8> {
    /// Compares with ASCII letters of either case; `lowercased` must be written in lower case.
    package func equalsIgnoringASCIICase(_ lowercased: String) -> Bool {
        guard count == lowercased.utf8.count else { return false }
        return zip(self, lowercased.utf8).allSatisfy { $0.asciiLowercased == $1 }
    }
}

extension UInt8 {
    package var asciiLowercased: UInt8 {
        self &- UInt8(ascii: "A") < 26 ? self | 0x20 : self
    }
}
