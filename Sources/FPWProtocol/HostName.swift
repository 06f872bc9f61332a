/// A host name as it is compared: lower case, without port and trailing dot (PROTOCOL.md §3).
package struct HostName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// Reads a `Host` field's value, an authority or a bare name; nil where no name is left or it is not plain ASCII.
    package init?(_ authority: some Collection<UInt8>) {
        var name = Array(authority)[...]
        if name.first == UInt8(ascii: "[") {
            guard let end = name.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            name = name[...end]
        } else if let colon = name.firstIndex(of: UInt8(ascii: ":")) {
            name = name[..<colon]
        }
        if name.last == UInt8(ascii: ".") { name.removeLast() }
        guard !name.isEmpty, name.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        text = String(decoding: name.map(\.asciiLowercased), as: UTF8.self)
    }

    package var description: String { text }

    /// Whether the name is the pattern, or below it where the pattern is `*.name`; the pattern is in lower case.
    package func matches(_ pattern: String) -> Bool {
        guard pattern.utf8.starts(with: "*.".utf8) else { return text == pattern }
        return text.utf8.count > pattern.utf8.count - 1 && text.hasSuffix(pattern.dropFirst())
    }
}
