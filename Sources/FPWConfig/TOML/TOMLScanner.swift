/// A cursor over a text that knows its line and column.
struct TOMLScanner {
    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var line = 1
    private var lineStart = 0
    /// Only blanks stand before the cursor on its line.
    private(set) var isFirstOnLine = true

    init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

    var position: SourcePosition { SourcePosition(line: line, column: index - lineStart + 1) }
    var isAtEnd: Bool { index >= scalars.count }
    var next: Unicode.Scalar? { peek(0) }

    /// LF, CRLF or the end of the text.
    var isAtLineEnd: Bool {
        switch next {
        case nil, "\n": true
        case "\r": peek(1) == "\n"
        default: false
        }
    }

    func peek(_ offset: Int) -> Unicode.Scalar? {
        index + offset < scalars.count ? scalars[index + offset] : nil
    }

    func startsWith(_ text: String) -> Bool {
        scalars[index...].starts(with: text.unicodeScalars)
    }

    /// Takes one scalar, if there is one.
    @discardableResult
    mutating func advance() -> Unicode.Scalar? {
        guard let scalar = next else { return nil }
        index += 1
        if scalar == "\n" {
            line += 1
            lineStart = index
            isFirstOnLine = true
        } else if !scalar.isTOMLBlank {
            isFirstOnLine = false
        }
        return scalar
    }

    mutating func advance(by count: Int) {
        for _ in 0..<count { advance() }
    }

    /// Takes the scalar if it comes next.
    mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        advance()
        return true
    }

    mutating func skipBlanks() {
        while next?.isTOMLBlank == true { advance() }
    }

    /// Moves to the end of this line, before its line break.
    mutating func skipLine() {
        while !isAtLineEnd { advance() }
    }

    /// Takes scalars of one line as long as they pass.
    mutating func take(while passes: (Unicode.Scalar) -> Bool) -> String {
        var text = String.UnicodeScalarView()
        while !isAtLineEnd, let scalar = next, passes(scalar) {
            text.append(scalar)
            advance()
        }
        return String(text)
    }
}

extension Unicode.Scalar {
    var isTOMLBlank: Bool { self == " " || self == "\t" }

    /// `A-Za-z0-9_-`, what a key may hold without quotes.
    var isBareKey: Bool {
        switch self {
        case "A"..."Z", "a"..."z", "0"..."9", "_", "-": true
        default: false
        }
    }

    /// Those that TOML forbids in comments and strings: all but tab.
    var isForbiddenControl: Bool { (value < 0x20 && self != "\t") || value == 0x7F }

    /// `U+001B`.
    var codePoint: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
