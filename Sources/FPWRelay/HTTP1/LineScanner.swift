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
            index = firstControl(bytes, from: index)
            guard index < bytes.count else { return .incomplete(index) }
            let byte = bytes[index]
            if byte == UInt8(ascii: "\t") {
                index += 1
                continue
            }
            guard byte == UInt8(ascii: "\r") else { return .forbidden(byte, at: index) }
            guard index + 1 < bytes.count else { return .incomplete(index) }
            return bytes[index + 1] == UInt8(ascii: "\n") ? .end(index) : .forbidden(byte, at: index)
        }
    }

    /// The index of the first control character, or `count`; eight bytes at once, since most bytes of a request pass here.
    private static func firstControl(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let raw = bytes.bytes
        var index = start
        while index &+ 8 <= raw.byteCount {
            let word = raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let marks = controlMarks(UInt64(littleEndian: word))
            if marks != 0 { return index + marks.trailingZeroBitCount / 8 }
            index &+= 8
        }
        return bytes.end(from: index) { $0 >= 0x20 && $0 != 0x7F }
    }

    /// The high bit of each byte that is a control character; right up to the first one
    /// ("Bit Twiddling Hacks": hasless, haszero).
    private static func controlMarks(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let belowSpace = (word &- ones &* 0x20) & ~word
        let deletes = word ^ (ones &* 0x7F)
        return (belowSpace | (deletes &- ones) & ~deletes) & (ones << 7)
    }

    static func refusal(of byte: UInt8) -> RequestError {
        switch byte {
        case UInt8(ascii: "\r"): RequestError(status: 400, reason: "bare CR")
        case UInt8(ascii: "\n"): RequestError(status: 400, reason: "bare LF")
        case 0: RequestError(status: 400, reason: "NUL")
        default: RequestError(status: 400, reason: "control character")
        }
    }
}
