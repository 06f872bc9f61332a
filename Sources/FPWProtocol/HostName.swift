/// A host name as it is compared: lower case, without port and trailing dot (PROTOCOL.md §3).
package struct HostName: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    /// The longest name of DNS, in bytes (RFC 1035 §2.3.4, as text).
    private static let limit = 253

    /// Reads a `Host` field's value, an authority or a bare name; nil where no name is left, or it is longer than DNS
    /// allows or not plain ASCII.
    package init?(_ authority: Span<UInt8>) {
        guard var end = Self.end(of: authority) else { return nil }
        if end > 0, authority[end - 1] == UInt8(ascii: ".") { end -= 1 }
        let name = authority.extracting(..<end)
        guard (1...Self.limit).contains(name.count) else { return nil }
        for index in name.indices where !(0x21...0x7E).contains(name[index]) { return nil }
        text = String(unsafeUninitializedCapacity: name.count) { buffer in
            for index in name.indices { buffer.initializeElement(at: index, to: name[index].asciiLowercased) }
            return name.count
        }
    }

    package init?(_ authority: some Collection<UInt8>) {
        self.init(Array(authority).span)
    }

    /// Where the port begins, or all ends; nil where a bracket is not closed.
    private static func end(of authority: Span<UInt8>) -> Int? {
        let isBracketed = !authority.isEmpty && authority[0] == UInt8(ascii: "[")
        let last = isBracketed ? UInt8(ascii: "]") : UInt8(ascii: ":")
        for index in authority.indices where authority[index] == last { return isBracketed ? index + 1 : index }
        return isBracketed ? nil : authority.count
    }

    package var description: String { text }

    /// Whether the name is the pattern, or below it where the pattern is `*.name`; the pattern is in lower case.
    package func matches(_ pattern: String) -> Bool {
        guard pattern.utf8.starts(with: "*.".utf8) else { return text == pattern }
        return text.utf8.count > pattern.utf8.count - 1 && text.hasSuffix(pattern.dropFirst())
    }
}
