/// Where a field line's name and value stand in it (RFC 9112 §5).
struct FieldLine {
    let name: Range<Int>
    /// Without the white space around it.
    let value: Range<Int>

    /// Reads a line without its end; it must not hold control characters but HTAB.
    init(_ line: Span<UInt8>) throws(RequestError) {
        let nameEnd = line.end(while: Syntax.isTokenCharacter)
        guard nameEnd < line.count, line[nameEnd] == UInt8(ascii: ":"), nameEnd > 0 else {
            throw RequestError(status: 400, reason: Self.fault(line, nameEnd))
        }
        name = 0..<nameEnd
        value = line.trimmed(from: nameEnd + 1, to: line.count)
    }

    private static func fault(_ line: Span<UInt8>, _ nameEnd: Int) -> String {
        guard nameEnd < line.count, Syntax.isBlank(line[nameEnd]) else { return "malformed field name" }
        return nameEnd == 0 ? "obsolete line folding" : "white space before a field's colon"
    }
}
