extension Span<UInt8> {
    /// Compares with ASCII letters of either case; `lowercased` must be written in lower case.
    func isNamed(_ lowercased: StaticString) -> Bool {
        count == lowercased.utf8CodeUnitCount && hasPrefix(lowercased)
    }

    /// Whether these bytes begin with `lowercased`, in letters of either case.
    func hasPrefix(_ lowercased: StaticString) -> Bool {
        guard count >= lowercased.utf8CodeUnitCount else { return false }
        for index in 0..<lowercased.utf8CodeUnitCount
        where self[index].asciiLowercased != lowercased.utf8Start[index] { return false }
        return true
    }

    /// From the end, because names of fields begin alike.
    func equalsIgnoringASCIICase(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var index = count
        while index > 0 {
            index -= 1
            if self[index].asciiLowercased != other[index].asciiLowercased { return false }
        }
        return true
    }

    /// Where the bytes stand without spaces and tabs at either end.
    var rangeWithoutBlanks: Range<Int> {
        var start = 0
        var end = count
        while start < end, self[start].isBlank { start += 1 }
        while start < end, self[end - 1].isBlank { end -= 1 }
        return start..<end
    }

    /// From the end, because names of fields begin alike.
    func equals(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var index = count
        while index > 0 {
            index -= 1
            if self[index] != other[index] { return false }
        }
        return true
    }
}

extension ArraySlice<UInt8> {
    /// Compares with ASCII letters of either case; `lowercased` must be written in lower case.
    package func equalsIgnoringASCIICase(_ lowercased: String) -> Bool {
        span.equalsIgnoringASCIICase(lowercased.utf8.span)
    }

    /// The bytes without spaces and tabs at either end.
    package var trimmingBlanks: ArraySlice<UInt8> {
        let range = span.rangeWithoutBlanks
        return self[(startIndex + range.lowerBound)..<(startIndex + range.upperBound)]
    }

    /// The number that these bytes write in decimal; nil where they are no digits, or more than nine.
    package var decimal: Int? {
        guard (1...9).contains(count), allSatisfy(\.isDigit) else { return nil }
        return reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}

extension UInt8 {
    package var asciiLowercased: UInt8 {
        self &- UInt8(ascii: "A") < 26 ? self | 0x20 : self
    }

    var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }

    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    /// The value of this byte as a hexadecimal digit of either case.
    var hexadecimalValue: UInt8? {
        if isDigit { return self - UInt8(ascii: "0") }
        let letter = (self | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : nil
    }

    /// The lower-case digit of a value below 16.
    var hexadecimalDigit: UInt8 {
        self < 10 ? UInt8(ascii: "0") + self : UInt8(ascii: "a") + self - 10
    }
}
