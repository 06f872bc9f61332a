/// The first line of a chunk (RFC 9112 §7.1).
enum ChunkSize {
    /// Bytes that the line may have. Extensions are read over; they must not cost more than the data is worth.
    static let lineLimit = 256

    /// Reads a line without its end: digits, then nothing, or an extension after a semicolon.
    static func parse(_ line: Span<UInt8>) throws(RequestError) -> Int {
        var size = 0
        var index = 0
        while index < line.count, let digit = Syntax.hexDigit(line[index]) {
            // Above this the next digit would overflow.
            guard size <= Int.max >> 4 else { throw RequestError(status: 400, reason: "a chunk too large to count") }
            size = size << 4 | digit
            index += 1
        }
        let hasDigits = index > 0
        if index < line.count {
            index = line.end(from: index, while: Syntax.isBlank)
            guard index < line.count, line[index] == UInt8(ascii: ";") else { throw malformed }
        }
        guard hasDigits else { throw malformed }
        return size
    }

    private static var malformed: RequestError { RequestError(status: 400, reason: "malformed chunk size") }
}
