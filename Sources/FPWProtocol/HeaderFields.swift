/// An ordered list of HTTP header fields as bytes, kept in one flat buffer.
///
/// Names and values are the bytes of the wire (RFC 9110 §5): nothing is decoded, folded or reordered, so what is read can
/// be written again without loss. All fields share one allocation, because every visit reads and writes several lists.
package struct HeaderFields: Sendable {
    package struct Field {
        package let name: ArraySlice<UInt8>
        package let value: ArraySlice<UInt8>
    }

    private struct Place {
        let nameStart: Int32
        let nameEnd: Int32
        let valueStart: Int32
        let valueEnd: Int32

        init(name: Range<Int>, value: Range<Int>) {
            (nameStart, nameEnd) = (Int32(name.lowerBound), Int32(name.upperBound))
            (valueStart, valueEnd) = (Int32(value.lowerBound), Int32(value.upperBound))
        }

        var nameCount: Int { Int(nameEnd &- nameStart) }
        var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
        var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    /// Names and values, one behind the other; what no place points at may stand between them.
    private var bytes: [UInt8] = []
    private var places: [Place] = []

    package init() {}

    /// Takes over the lines of a head whole; `appendField` then says where its fields stand in them.
    package init(lines: [UInt8], fields: Int) {
        bytes = lines
        places.reserveCapacity(fields)
    }

    /// The next field, as it stands in the lines that the list was made with.
    package mutating func appendField(named name: Range<Int>, value: Range<Int>) {
        places.append(Place(name: name, value: value))
    }

    package mutating func reserveCapacity(bytes byteCount: Int, fields: Int) {
        bytes.reserveCapacity(byteCount)
        places.reserveCapacity(fields)
    }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
    }

    package mutating func append(name: Span<UInt8>, value: Span<UInt8>) {
        let start = bytes.count
        name.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        let nameEnd = bytes.count
        value.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        places.append(Place(name: start..<nameEnd, value: nameEnd..<bytes.count))
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

    /// Removes the fields for which the predicate is false. The bytes stay where they are: nothing is copied.
    package mutating func keep(where isKept: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool) {
        let bytes = bytes
        let span = bytes.span
        places.removeAll { !isKept(span.extracting($0.name), span.extracting($0.value)) }
    }

    /// The bytes of all names and values together, without separators.
    package var byteCount: Int {
        var sum = 0
        for place in places { sum += place.name.count + place.value.count }
        return sum
    }
}

extension HeaderFields: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { places.count }

    package subscript(position: Int) -> Field {
        let place = places[position]
        return Field(name: bytes[place.name], value: bytes[place.value])
    }
}

extension HeaderFields {
    /// Lends a field's name and value without counting references: for loops on a visit's path.
    package func withField<Result>(
        _ position: Int, _ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Result
    ) -> Result {
        let place = places[position]
        let span = bytes.span
        return body(span.extracting(place.name), span.extracting(place.value))
    }

    /// Lends every field in turn.
    package func forEachField(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
        for position in indices { withField(position, body) }
    }

    /// The place of the first field of this name, which must be written in lower case.
    package func firstIndex(named lowercased: String) -> Int? {
        firstIndex(named: lowercased.utf8.span, in: indices)
    }

    /// The place of the first field of this name, in either case, among the given ones.
    func firstIndex(named name: Span<UInt8>, in positions: Range<Int>) -> Int? {
        let (bytes, places) = (bytes.span, places.span)
        for position in positions {
            let place = places[position]
            guard place.nameCount == name.count else { continue }
            if bytes.extracting(place.name).equalsIgnoringASCIICase(name) { return position }
        }
        return nil
    }

    /// The place of the first field of exactly this name.
    func firstIndex(exactly name: Span<UInt8>) -> Int? {
        let span = bytes.span
        for position in indices where places[position].nameCount == name.count {
            if span.extracting(places[position].name).equals(name) { return position }
        }
        return nil
    }

    /// The value of the first field of this name, which must be written in lower case.
    package func first(_ lowercased: String) -> ArraySlice<UInt8>? {
        firstIndex(named: lowercased).map { self[$0].value }
    }

    /// The value of the only field of this name, which must be written in lower case; nil where there is none, or more.
    func only(_ lowercased: String) -> ArraySlice<UInt8>? {
        guard let position = firstIndex(named: lowercased),
            firstIndex(named: lowercased.utf8.span, in: (position + 1)..<count) == nil
        else { return nil }
        return self[position].value
    }

    /// The first value of this name as text; bytes that are not UTF-8 are replaced.
    package func firstString(_ lowercased: String) -> String? {
        first(lowercased).map { String(decoding: $0, as: UTF8.self) }
    }

    package func contains(_ lowercased: String) -> Bool {
        firstIndex(named: lowercased) != nil
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
    /// One field a line, without a slot's token.
    package var description: String {
        map { field in
            let value = field.isNamed(FPWField.token) ? "<redacted>" : String(decoding: field.value, as: UTF8.self)
            return "\(String(decoding: field.name, as: UTF8.self)): \(value)"
        }.joined(separator: "\n")
    }
}
