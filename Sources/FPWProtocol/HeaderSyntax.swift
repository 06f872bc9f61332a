/// The character rules of HTTP header fields (RFC 9110 §5).
package enum HeaderSyntax {
    /// Whether the bytes are a token (RFC 9110 §5.6.2): what a field name and a method must be.
    package static func isToken(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices where !bytes[index].isTokenCharacter { return false }
        return !bytes.isEmpty
    }

    /// Whether the bytes are a field value: no control character but HTAB; bytes above ASCII pass (RFC 9110 §5.5).
    package static func isValue(_ bytes: Span<UInt8>) -> Bool {
        var start = 0
        while let word = bytes.word(at: start), word.marks(below: 0x20) | word.marks(of: 0x7F) == 0 { start += 8 }
        for index in start..<bytes.count where !bytes[index].isFieldValueCharacter { return false }
        return true
    }

    /// The members of a comma-separated list, trimmed, without empty ones (RFC 9110 §5.6.1).
    package static func listMembers(of value: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        value.split(separator: UInt8(ascii: ",")).map(\.trimmingBlanks).filter { !$0.isEmpty }
    }
}

extension UInt8 {
    fileprivate var isFieldValueCharacter: Bool { self >= 0x20 && self != 0x7F || self == UInt8(ascii: "\t") }

    /// Letters, digits and ``!#$%&'*+-.^_`|~``, as one bit per ASCII character.
    fileprivate var isTokenCharacter: Bool {
        let half: UInt64 = self < 0x40 ? 0x03ff_6cfa_0000_0000 : 0x57ff_ffff_c7ff_fffe
        return self < 0x80 && half &>> UInt64(self) & 1 == 1
    }
}
