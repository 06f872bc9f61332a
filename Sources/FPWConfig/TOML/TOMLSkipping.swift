/// Stepping over what is not supported, so that it is named once and the rest is checked.
extension TOMLReader {
    /// Whether a line begins here that can only be a `key =` or a `[header]`: something before it was not closed.
    var startsStatement: Bool {
        guard scanner.isFirstOnLine, let first = scanner.next else { return false }
        var ahead = scanner
        if first == "[" {
            ahead.advance()
            guard ahead.next?.properties.isAlphabetic == true else { return false }
            _ = ahead.take(while: \.isBareKey)
            return ahead.next == "." || ahead.next == "]"
        }
        guard !ahead.take(while: \.isBareKey).isEmpty else { return false }
        ahead.skipBlanks()
        return ahead.next == "="
    }

    /// Skips a `[…]` or `{…}` with all that is nested in it, without recursion: depth is the writer's choice.
    mutating func skipBrackets() {
        var depth = 0
        repeat {
            switch scanner.next {
            case "[", "{": depth += 1
            case "]", "}": depth -= 1
            case "#": scanner.skipLine()
            case "\"", "'":
                skipString()
                continue
            default: break
            }
            scanner.advance()
        } while depth > 0 && !scanner.isAtEnd && !startsStatement
    }

    private mutating func skipString() {
        if scanner.startsWith("\"\"\"") {
            _ = skipMultiLineString("\"\"\"")
        } else if scanner.startsWith("'''") {
            _ = skipMultiLineString("'''")
        } else {
            // Only its end matters here: the whole construct is refused.
            _ = scanner.next == "'" ? try? readLiteralString() : try? readBasicString()
        }
    }

    /// Skips to its end, or to that of the text: without an end nobody can say which lines belong to it.
    mutating func skipMultiLineString(_ quotes: String) -> SyntaxError {
        let start = scanner.position
        scanner.advance(by: 3)
        while !scanner.isAtEnd && !scanner.startsWith(quotes) {
            scanner.advance(by: quotes == "\"\"\"" && scanner.next == "\\" ? 2 : 1)
        }
        guard !scanner.isAtEnd else {
            return error(at: start, "multi-line strings are not supported, and this one has no end; write one line")
        }
        scanner.advance(by: 3)
        // Up to two quotes may stand before the closing three.
        for _ in 0..<2 where scanner.next == quotes.unicodeScalars.first { scanner.advance() }
        return error(at: start, "multi-line strings are not supported; write one line, with \\n where it breaks")
    }
}
