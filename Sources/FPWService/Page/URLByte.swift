/// One byte that a URL names: as it is, escaped (`%3F`), or escaped again inside a value (`%253F`).
struct URLByte {
    let byte: UInt8
    /// How often it is escaped.
    let depth: Int
    let range: Range<Int>

    /// A `%` before anything but two hexadecimal digits is one.
    init(_ text: [UInt8], at index: Int) {
        var escaped = text[index]
        var depth = 0
        var end = index + 1
        while escaped == UInt8(ascii: "%"), let value = Self.hexadecimal(text, at: end) {
            escaped = value
            depth += 1
            end += 2
        }
        byte = escaped
        self.depth = depth
        range = index..<end
    }

    /// The first from `start` on that is as asked for.
    static func first(in text: [UInt8], from start: Int, where isWanted: (URLByte) -> Bool) -> URLByte? {
        var index = start
        while index < text.endIndex {
            let character = URLByte(text, at: index)
            if isWanted(character) { return character }
            index = character.range.upperBound
        }
        return nil
    }

    private static func hexadecimal(_ text: [UInt8], at index: Int) -> UInt8? {
        guard index + 1 < text.endIndex, let high = digit(text[index]), let low = digit(text[index + 1]) else {
            return nil
        }
        return high << 4 | low
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
