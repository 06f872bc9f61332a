/// HTTP's characters, looked up without a branch per class.
enum Syntax {
    /// Whether the byte is a `tchar` (RFC 9110 §5.6.2).
    @inline(__always)
    static func isTokenCharacter(_ byte: UInt8) -> Bool {
        // A bit for each of ASCII's characters: the lower and the upper 64. A shift by 64 or more leaves none.
        (0x03FF_6CFA_0000_0000 as UInt64) >> byte & 1 == 1 || (0x57FF_FFFF_C7FF_FFFE as UInt64) >> (byte &- 64) & 1 == 1
    }

    /// Whether a target may hold the byte: visible ASCII but `#`, which begins a fragment and is never sent.
    ///
    /// RFC 3986 allows less, but browsers send `|`, `{` and the like as they are, and sites rely on it.
    static func isTargetCharacter(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#")
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// 0…15, or nil where the byte is no HEXDIG.
    static func hexDigit(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}

extension Span<UInt8> {
    /// The index of the first byte at or after `start` that the closure does not accept, or `count`.
    @inline(__always)
    func end(from start: Int = 0, while accepts: (UInt8) -> Bool) -> Int {
        var index = start
        while index < count && accepts(self[index]) { index += 1 }
        return index
    }

    /// The bytes from `start` to `end` without spaces and tabs around them.
    func trimmed(from start: Int, to end: Int) -> Range<Int> {
        var (start, end) = (start, end)
        while start < end && Syntax.isBlank(self[start]) { start += 1 }
        while end > start && Syntax.isBlank(self[end - 1]) { end -= 1 }
        return start..<end
    }

    /// Compares with ASCII letters of either case; `lowercased` must be in lower case.
    func isEqualIgnoringCase(_ lowercased: StaticString) -> Bool {
        count == lowercased.utf8CodeUnitCount && hasPrefixIgnoringCase(lowercased)
    }

    func hasPrefixIgnoringCase(_ lowercased: StaticString) -> Bool {
        guard count >= lowercased.utf8CodeUnitCount else { return false }
        for index in 0..<lowercased.utf8CodeUnitCount
        where Syntax.lowercased(self[index]) != lowercased.utf8Start[index] {
            return false
        }
        return true
    }

    /// The value of a text of digits; nil where it is empty, holds anything else or is too large.
    var decimalValue: Int? {
        var value = 0
        for index in indices {
            guard Syntax.isDigit(self[index]) else { return nil }
            let (tenfold, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) = tenfold.addingReportingOverflow(Int(self[index] - UInt8(ascii: "0")))
            if overflows || overflowsToo { return nil }
            value = sum
        }
        return isEmpty ? nil : value
    }
}

extension Span<UInt8> {
    func isEqual(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && hasPrefix(text)
    }

    func hasPrefix(_ text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        for index in 0..<text.utf8CodeUnitCount where self[index] != text.utf8Start[index] { return false }
        return true
    }

    /// Whether a comma-separated list has this member, in letters of either case (RFC 9110 §5.6.1).
    func hasListMember(_ lowercased: StaticString) -> Bool {
        var start = 0
        while start <= count {
            let end = end(from: start) { $0 != UInt8(ascii: ",") }
            if extracting(trimmed(from: start, to: end)).isEqualIgnoringCase(lowercased) { return true }
            start = end + 1
        }
        return false
    }
}

extension [UInt8] {
    init(_ span: Span<UInt8>) {
        self = span.withUnsafeBufferPointer { Array($0) }
    }
}
