import Logging

/// What bytes above ASCII mean.
enum LogCharacters {
    case utf8
    /// U+0080–00FF, as peers may send them in header fields.
    case latin1
}

extension Span<UInt8> {
    /// Whether the text can stand as a value in a text line without quotes: visible ASCII that quotes nothing.
    var isPlainWord: Bool {
        for index in indices {
            switch self[index] {
            case UInt8(ascii: "\""), UInt8(ascii: "="), UInt8(ascii: "\\"): return false
            case 0x21...0x7E: continue
            default: return false
            }
        }
        return !isEmpty
    }

    /// The index of the first byte at or after `start` that begins a control character (C0, DEL, C1) or an invisible one, does
    /// not stand for itself in UTF-8 or, with `quotes`, is a quote or a backslash; `count` where there is none.
    fileprivate func firstToEscape(from start: Int, as characters: LogCharacters, quotes: Bool) -> Int {
        var index = start
        while index < count {
            switch self[index] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                if quotes { return index }
            case 0x20...0x7E: break
            case 0x80...0xFF where characters == .utf8:
                if unseenCharacter(at: index) != nil { return index }
            default: return index
            }
            index += 1
        }
        return count
    }

    /// The C1 control, or the character that is not seen, breaks a line or turns its direction around, that begins here in
    /// UTF-8, and its length in bytes.
    fileprivate func unseenCharacter(at index: Int) -> (codePoint: UInt16, length: Int)? {
        let length = self[index] < 0xE0 ? 2 : 3
        guard (0xC2...0xEF).contains(self[index]), index + length <= count else { return nil }
        var codePoint = UInt16(self[index] & (length == 2 ? 0x1F : 0x0F))
        for next in index + 1..<index + length { codePoint = codePoint << 6 | UInt16(self[next] & 0x3F) }
        switch codePoint {
        case 0x80...0x9F, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB:
            return (codePoint, length)
        default: return nil
        }
    }
}

extension [UInt8] {
    mutating func append(string: String) {
        append(contentsOf: string.utf8)
    }

    mutating func append(static string: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: string.utf8Start, count: string.utf8CodeUnitCount))
    }

    mutating func append(span: Span<UInt8>) {
        span.withUnsafeBufferPointer { append(contentsOf: $0) }
    }

    /// Appends a JSON string (RFC 8259 §7); the text format quotes in the same way.
    mutating func append(quoting text: Span<UInt8>, as characters: LogCharacters = .utf8) {
        append(UInt8(ascii: "\""))
        append(escaping: text, as: characters, quotes: true)
        append(UInt8(ascii: "\""))
    }

    mutating func append(escaping text: Span<UInt8>, as characters: LogCharacters, quotes: Bool) {
        var index = 0
        while true {
            let next = text.firstToEscape(from: index, as: characters, quotes: quotes)
            append(span: text.extracting(index..<next))
            guard next < text.count else { return }
            index = next + appendEscape(of: text, at: next, as: characters)
        }
    }

    /// Appends the escape of the character at `index` and returns how many bytes of the text it stands for.
    private mutating func appendEscape(of text: Span<UInt8>, at index: Int, as characters: LogCharacters) -> Int {
        switch text[index] {
        case UInt8(ascii: "\n"): append(static: "\\n")
        case UInt8(ascii: "\r"): append(static: "\\r")
        case UInt8(ascii: "\t"): append(static: "\\t")
        case UInt8(ascii: "\""): append(static: "\\\"")
        case UInt8(ascii: "\\"): append(static: "\\\\")
        case 0x80...0xFF where characters == .utf8:
            guard let unseen = text.unseenCharacter(at: index) else { return 1 }
            appendUnicodeEscape(of: unseen.codePoint)
            return unseen.length
        case let control: appendUnicodeEscape(of: UInt16(control))
        }
        return 1
    }

    private mutating func appendUnicodeEscape(of codePoint: UInt16) {
        append(static: "\\u")
        for shift in [12, 8, 4, 0] {
            let digit = UInt8(truncatingIfNeeded: codePoint >> UInt16(shift)) & 0xF
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    /// Appends metadata as JSON, dictionaries in the order of their keys.
    mutating func append(json value: Logger.MetadataValue) {
        switch value {
        case .string(let text): append(quoting: text.utf8.span)
        case .stringConvertible(let item): append(quoting: item.description.utf8.span)
        case .array(let items): append(list: items, between: ("[", "]")) { $0.append(json: $1) }
        case .dictionary(let entries):
            append(list: entries.sorted { $0.key < $1.key }, between: ("{", "}")) {
                $0.append(quoting: $1.key.utf8.span)
                $0.append(UInt8(ascii: ":"))
                $0.append(json: $1.value)
            }
        }
    }

    private mutating func append<Item>(
        list: [Item], between brackets: (StaticString, StaticString), write: (inout [UInt8], Item) -> Void
    ) {
        append(static: brackets.0)
        for (index, item) in list.enumerated() {
            if index > 0 { append(UInt8(ascii: ",")) }
            write(&self, item)
        }
        append(static: brackets.1)
    }
}
