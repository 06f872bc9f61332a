/// A path and everything below it, by whole segments: `/hooks` covers `/hooks`, `/hooks/` and `/hooks/x`, not `/hooksx`.
package struct PathPrefix: Hashable, Sendable, CustomStringConvertible {
    fileprivate let segments: [ArraySlice<UInt8>]

    /// Reads `/hooks` or `/api/v1/`. Nil where it names no folder, or has another reading than the one that stands there:
    /// signs that are not visible ASCII, `%`, `?`, `#`, `;`, `\`, an empty segment, or one of dots.
    package init?(_ text: String) {
        let path = Array(text.utf8)
        let isPlain = path.allSatisfy { (0x21...0x7E).contains($0) && !Array("%?#;\\".utf8).contains($0) }
        guard isPlain, var segments = path.unambiguousSegments else { return nil }
        if segments.last?.isEmpty == true { segments.removeLast() }
        guard !segments.isEmpty else { return nil }
        self.segments = segments
    }

    package var description: String { segments.map { "/" + String(decoding: $0, as: UTF8.self) }.joined() }
}

extension RequestTarget {
    /// Escapes within escapes are undone so often; no service does it as often.
    private static let readings = 4

    /// Whether the target's path lies below one of the prefixes however a service reads it: as it is written, decoded, or
    /// decoded again; path parameters taken for names, or taken out; other characters taken for the ASCII that they look like,
    /// or left out. The query is no part of the path.
    ///
    /// Where two readings may lead to different places the answer is no: dot segments, empty segments, backslashes, control
    /// characters and broken UTF-8, escaped or not, and escapes that are none.
    package func lies(below prefixes: [PathPrefix]) -> Bool {
        let path = Array(bytes.prefix { $0 != UInt8(ascii: "?") })
        return path.hasOnlyWholeEscapes && Self.lies(path, below: prefixes, readings: Self.readings)
    }

    private static func lies(_ path: [UInt8], below prefixes: [PathPrefix], readings: Int) -> Bool {
        guard readings > 0, let segments = path.unambiguousSegments,
            prefixes.contains(where: { segments.starts(with: $0.segments) })
        else { return false }
        return [path.percentDecoded, path.compatibilityFolded].allSatisfy { reading in
            reading == path || lies(reading, below: prefixes, readings: readings - 1)
        }
    }
}

extension [UInt8] {
    /// What stands between the slashes; nil where a service may take the path for another one.
    fileprivate var unambiguousSegments: [ArraySlice<UInt8>]? {
        guard first == UInt8(ascii: "/"), allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }),
            String(validating: self, as: UTF8.self) != nil
        else { return nil }
        let segments = dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (number, segment) in segments.enumerated() {
            // Some services take path parameters out, and some file systems blanks, before they look for dots.
            let name = segment.prefix { $0 != UInt8(ascii: ";") }.filter { $0 != UInt8(ascii: " ") }
            let isEnd = segment.isEmpty && number == segments.count - 1
            guard isEnd || !name.allSatisfy({ $0 == UInt8(ascii: ".") }) else { return nil }
            // And some all that is not ASCII, such as what is not seen.
            guard !name.filter({ $0 < 0x80 }).elementsEqual("..".utf8) else { return nil }
        }
        return segments
    }

    /// Whether two hexadecimal digits follow every `%`.
    fileprivate var hasOnlyWholeEscapes: Bool {
        indices.allSatisfy { self[$0] != UInt8(ascii: "%") || escaped(at: $0) != nil }
    }

    /// With every whole escape undone once.
    fileprivate var percentDecoded: [UInt8] {
        var decoded: [UInt8] = []
        var position = 0
        while position < count {
            let byte = escaped(at: position)
            decoded.append(byte ?? self[position])
            position += byte == nil ? 1 : 3
        }
        return decoded
    }

    private func escaped(at position: Int) -> UInt8? {
        guard self[position] == UInt8(ascii: "%"), position + 2 < count,
            let high = self[position + 1].hexadecimalValue, let low = self[position + 2].hexadecimalValue
        else { return nil }
        return high << 4 | low
    }
}
