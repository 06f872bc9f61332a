/// Eight bytes looked at together: a visit's JSON and header fields are scanned several times.
///
/// In a result the high bit of a byte marks it. Up to the lowest mark the marks are exact; above it a borrow may have set
/// wrong ones.
extension UInt64 {
    func marks(of byte: UInt8) -> UInt64 {
        let difference = self ^ byte.repeated
        return (difference &- UInt8(0x01).repeated) & ~difference & Self.highBits
    }

    /// Marks the bytes that are below a limit of at most 0x80.
    func marks(below limit: UInt8) -> UInt64 {
        (self &- limit.repeated) & ~self & Self.highBits
    }

    /// Marks the bytes that do not stand for themselves within a JSON string.
    var marksOfJSONSpecials: UInt64 {
        marks(below: 0x20) | marks(of: UInt8(ascii: "\"")) | marks(of: UInt8(ascii: "\\"))
            | marks(of: 0x7F) | self & Self.highBits
    }

    private static var highBits: UInt64 { 0x8080_8080_8080_8080 }
}

extension UInt8 {
    fileprivate var repeated: UInt64 { UInt64(self) &* 0x0101_0101_0101_0101 }

    /// Whether the byte stands for itself within a JSON string.
    fileprivate var isPlainJSON: Bool {
        self >= 0x20 && self < 0x7F && self != UInt8(ascii: "\"") && self != UInt8(ascii: "\\")
    }
}

extension Span<UInt8> {
    /// The eight bytes at an offset, the first one lowest; nil where fewer are left.
    func word(at offset: Int) -> UInt64? {
        guard offset + 8 <= count else { return nil }
        return UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The place of the first byte from `start` on that does not stand for itself within a JSON string.
    func endOfPlainJSON(from start: Int) -> Int {
        var end = start
        while let word = word(at: end) {
            let marks = word.marksOfJSONSpecials
            guard marks == 0 else { return end + marks.trailingZeroBitCount / 8 }
            end += 8
        }
        while end < count, self[end].isPlainJSON { end += 1 }
        return end
    }
}
