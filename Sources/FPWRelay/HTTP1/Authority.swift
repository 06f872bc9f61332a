import FPWProtocol

/// The `host[:port]` of a Host field, of an absolute form or of CONNECT (RFC 9110 §7.2, RFC 3986 §3.2).
struct Authority {
    let name: HostName
    let hasPort: Bool

    /// Nil where it is not one. Names are those that DNS looks up (RFC 3986 §3.2.2, RFC 1123 §2.1; underscores too, which
    /// occur), or addresses; a user before the host is refused (RFC 9110 §4.2.4).
    init?(_ text: Span<UInt8>) {
        let nameEnd = text.isEmpty ? 0 : Self.nameEnd(text)
        guard nameEnd > 0, let name = HostName(text) else { return nil }
        self.name = name
        hasPort = nameEnd < text.count - 1
        if nameEnd < text.count {
            guard text[nameEnd] == UInt8(ascii: ":"), Self.isPort(text.extracting((nameEnd + 1)...)) else { return nil }
        }
    }

    /// Where the host ends, 0 where there is none.
    private static func nameEnd(_ text: Span<UInt8>) -> Int {
        guard text[0] == UInt8(ascii: "[") else { return domainEnd(text) }
        let end = text.end(from: 1) { Syntax.hexDigit($0) != nil || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
        guard end > 2, end < text.count, text[end] == UInt8(ascii: "]") else { return 0 }
        return end + 1
    }

    /// Where a name of non-empty labels ends, with one dot behind it at the most.
    private static func domainEnd(_ text: Span<UInt8>) -> Int {
        var index = 0
        while true {
            let labelEnd = text.end(from: index, while: isLabelCharacter)
            guard labelEnd > index else { return index }
            guard labelEnd < text.count, text[labelEnd] == UInt8(ascii: ".") else { return labelEnd }
            index = labelEnd + 1
        }
    }

    private static func isLabelCharacter(_ byte: UInt8) -> Bool {
        Syntax.lowercased(byte) &- UInt8(ascii: "a") < 26 || Syntax.isDigit(byte) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_")
    }

    /// A port may be empty (RFC 3986 §3.2.3).
    private static func isPort(_ text: Span<UInt8>) -> Bool {
        guard !text.isEmpty else { return true }
        return text.count <= 5 && (text.decimalValue.map { $0 <= 65_535 } ?? false)
    }
}
