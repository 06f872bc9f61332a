/// Values, by their first character.
extension TOMLReader {
    /// Reads any value; nil where its errors have been reported and reading can go on behind it.
    mutating func readValue() throws(SyntaxError) -> TOMLValue? {
        scanner.next == "[" ? try readArray() : try readScalar()
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
    private mutating func readArray() throws(SyntaxError) -> TOMLValue? {
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
        return document.errors.count == errorsBefore ? .array(items) : nil
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
