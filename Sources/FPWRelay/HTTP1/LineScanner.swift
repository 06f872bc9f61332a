/// Finds where lines end, and finds characters that no line may hold, in one pass.
enum LineScanner {
    enum Finding: Equatable {
        /// A CR LF begins at this index.
        case end(Int)
        /// No line ends here; scanning goes on at this index when more bytes have come.
        case incomplete(Int)
        /// A bare CR, a bare LF or another control character than HTAB.
        case forbidden(UInt8, at: Int)
    }

    /// Looks at the bytes from `start` on; everything before the end that it finds is no control character but HTAB.
    static func scan(_ bytes: Span<UInt8>, from start: Int) -> Finding {
        var index = start
        while true {
            index = skipPlainWords(bytes, from: index)
            guard index < bytes.count else { return .incomplete(index) }
            let byte = bytes[index]
            if byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t") {
                index += 1
                continue
            }
            guard byte == UInt8(ascii: "\r") else { return .forbidden(byte, at: index) }
            guard index + 1 < bytes.count else { return .incomplete(index) }
            return bytes[index + 1] == UInt8(ascii: "\n") ? .end(index) : .forbidden(byte, at: index)
        }
    }

    /// The index of the first word of eight bytes that holds a control character, or of the last few bytes.
    ///
    /// The tests of all eight bytes at once are those of "Bit Twiddling Hacks" (hasless, haszero).
    private static func skipPlainWords(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highBits = ones << 7
        let raw = bytes.bytes
        var index = start
        while index + 8 <= raw.byteCount {
            let word = raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let isBelowSpace = (word &- ones &* 0x20) & ~word & highBits
            let deletes = word ^ (ones &* 0x7F)
            let isDelete = (deletes &- ones) & ~deletes & highBits
            if isBelowSpace | isDelete != 0 { break }
            index += 8
        }
        return index
    }
}
