/// The character rules of HTTP header fields (RFC 9110 §5).
package enum HeaderSyntax {
    /// Whether the bytes are a token (RFC 9110 §5.6.2): what a field name and a method must be.
    package static func isToken(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy(\.isTokenCharacter)
    }

    /// Whether the bytes are a field value: no control character but HTAB; bytes above ASCII pass (RFC 9110 §5.5).
    package static func isValue(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.allSatisfy(\.isFieldValueCharacter)
    }

    /// The members of a comma-separated list, trimmed, without empty ones (RFC 9110 §5.6.1).
    package static func listMembers(of value: ArraySlice<UInt8>) -> some Sequence<ArraySlice<UInt8>> {
        value.split(separator: UInt8(ascii: ",")).lazy.map(\.trimmingBlanks).filter { !$0.isEmpty }
    }
}

extension ArraySlice<UInt8> {
    /// The bytes without spaces and tabs at either end.
    package var trimmingBlanks: ArraySlice<UInt8> {
        var rest = self
        while let first = rest.first, first.isBlank { rest.removeFirst() }
        while let last = rest.last, last.isBlank { rest.removeLast() }
        return rest
    }
}

extension UInt8 {
    var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }

    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    var isFieldValueCharacter: Bool { self >= 0x20 && self != 0x7F || self == UInt8(ascii: "\t") }

    var isTokenCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"),
            UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
            UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
