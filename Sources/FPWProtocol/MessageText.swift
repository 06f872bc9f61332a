/// Text from a peer, made fit for one log line.
package enum MessageText {
    /// Characters that are kept.
    package static let limit = 200
    /// Bytes that are looked at: peers choose how many there are.
    private static let readLimit = 4096

    /// Takes the message out of `{"msg": "…"}` or names an HTML page, drops control characters, and cuts.
    package static func clean(_ bytes: ArraySlice<UInt8>) -> String {
        let bytes = bytes.prefix(readLimit)
        let text = String(decoding: bytes, as: UTF8.self)
        return cut(oneLine(jsonMessage(bytes) ?? HTMLText.summary(of: text) ?? text))
    }

    /// The string under `"msg"` in a JSON object that may hold anything else, and may be cut behind it.
    private static func jsonMessage(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.first(where: { !$0.isASCIIWhitespace }) == UInt8(ascii: "{") else { return nil }
        let key = Array(#""msg""#.utf8)
        for start in bytes.indices where bytes[start...].starts(with: key) {
            let json = bytes[(start + key.count)...]
            var cursor = JSONCursor()
            cursor.skipWhitespace(json.span)
            guard cursor.take(UInt8(ascii: ":"), json.span) else { continue }
            cursor.skipWhitespace(json.span)
            switch try? cursor.readString(json.span) {
            case .plain(let range): return String(decoding: Array(json)[range], as: UTF8.self)
            case .unescaped: return String(decoding: cursor.unescaped, as: UTF8.self)
            case nil: continue
            }
        }
        return nil
    }

    /// Every run of blanks, line ends and control characters becomes one space; invisible characters, which could turn
    /// the direction of a log line around, are dropped.
    private static func oneLine(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .format: continue
            case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator:
                if let last = line.last, last != " " { line.append(" ") }
            default: line.append(scalar)
            }
        }
        if line.last == " " { line.removeLast() }
        return String(line)
    }

    private static func cut(_ text: String) -> String {
        text.count > limit ? text.prefix(limit - 1) + "…" : text
    }
}

extension UInt8 {
    fileprivate var isASCIIWhitespace: Bool { self == UInt8(ascii: " ") || (0x09...0x0D).contains(self) }
}
