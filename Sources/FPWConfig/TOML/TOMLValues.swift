/// Values, by their first character.
extension TOMLReader {
    mutating func readValue() throws(SyntaxError) -> TOMLValue {
        switch scanner.next {
        case "[": return try readArray()
        default: return try readScalar()
        }
    }

    /// Reads a value that is no array.
    private mutating func readScalar() throws(SyntaxError) -> TOMLValue {
        let position = scanner.position
        switch scanner.next {
        case "\"":
            if scanner.startsWith("\"\"\"") { throw skipMultiLineString("\"\"\"") }
            return .string(try readBasicString())
        case "'":
            if scanner.startsWith("'''") { throw skipMultiLineString("'''") }
            return .string(try readLiteralString())
        case "{":
            skipBrackets()
            throw error(at: position, "inline tables are not supported; write a [table] header and keys below it")
        default:
            let word = scanner.take { !$0.isTOMLBlank && !",]}#=[{\"'".unicodeScalars.contains($0) }
            do {
                return try TOMLWord.read(word)
            } catch {
                throw SyntaxError(position: position, message: error.message)
            }
        }
    }

    /// Reads an array of scalars. Errors of its elements are reported here, so that the lines after it are read as usual.
    private mutating func readArray() throws(SyntaxError) -> TOMLValue {
        let start = scanner.position
        let errorsBefore = document.errors.count
        var items: [TOMLItem] = []
        scanner.advance()
        while true {
            skipGap()
            if scanner.skip("]") { break }
            if scanner.isAtEnd || startsStatement {
                throw error(at: start, "this array has no end; write ']' behind its last value")
            }
            readElement(into: &items)
            skipGap()
            if !scanner.skip(","), scanner.next != "]", !scanner.isAtEnd, !startsStatement {
                report(error("',' or ']' is missing between two values of an array; write [1, 2]"))
            }
        }
        guard document.errors.count == errorsBefore else { throw document.errors.removeLast() }
        return .array(items)
    }

    private mutating func readElement(into items: inout [TOMLItem]) {
        let position = scanner.position
        do throws(SyntaxError) {
            if scanner.next == "[" {
                skipBrackets()
                throw error(at: position, "nested arrays are not supported; write one flat array")
            }
            items.append(TOMLItem(value: try readScalar(), position: position))
        } catch {
            report(error)
            _ = scanner.take { !",]#".unicodeScalars.contains($0) }
        }
    }

    /// Skips blanks, line breaks and comments between the values of an array.
    private mutating func skipGap() {
        while true {
            scanner.skipBlanks()
            if scanner.next == "#" {
                do { try skipComment() } catch {
                    report(error)
                    scanner.skipLine()
                }
            } else if scanner.isAtLineEnd && !scanner.isAtEnd {
                if scanner.next == "\r" { scanner.advance() }
                scanner.advance()
            } else {
                return
            }
        }
    }
}

/// Stepping over what is not supported, so that it is named once and the rest is checked.
extension TOMLReader {
    /// Whether a line begins here that can only be a `key =` or a `[header]`: something before it was not closed.
    private var startsStatement: Bool {
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
    private mutating func skipBrackets() {
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

    private mutating func skipMultiLineString(_ quotes: String) -> SyntaxError {
        let start = scanner
        scanner.advance(by: 3)
        while !scanner.isAtEnd && !scanner.startsWith(quotes) {
            scanner.advance(by: quotes == "\"\"\"" && scanner.next == "\\" ? 2 : 1)
        }
        guard !scanner.isAtEnd else {
            scanner = start
            scanner.advance(by: 3)
            return error(
                at: start.position, "this multi-line string has no end, and multi-line strings are not supported")
        }
        scanner.advance(by: 3)
        // Up to two quotes may stand before the closing three.
        for _ in 0..<2 where scanner.next == quotes.unicodeScalars.first { scanner.advance() }
        return error(
            at: start.position, "multi-line strings are not supported; write one line, with \\n where it breaks")
    }
}
