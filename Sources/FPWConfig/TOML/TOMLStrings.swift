/// One-line strings. An error inside one is thrown after its closing quote, so that what follows is read as usual.
extension TOMLReader {
    mutating func readBasicString() throws(SyntaxError) -> String {
        let start = scanner.position
        scanner.advance()
        var text = String.UnicodeScalarView()
        var problem: SyntaxError?
        while !scanner.isAtLineEnd, let scalar = scanner.next {
            let position = scanner.position
            scanner.advance()
            switch scalar {
            case "\"":
                if let problem { throw problem }
                return String(text)
            case "\\":
                do { text.append(try readEscape(at: position)) } catch { problem = problem ?? error }
            case _ where scalar.isForbiddenControl:
                let message = "control character \(scalar.codePoint) in a string; remove it, or write \(scalar.escape)"
                problem = problem ?? error(at: position, message)
            default:
                text.append(scalar)
            }
        }
        throw error(at: start, "this string has no end; write '\"' behind its last character")
    }

    mutating func readLiteralString() throws(SyntaxError) -> String {
        let start = scanner.position
        scanner.advance()
        var text = String.UnicodeScalarView()
        var problem: SyntaxError?
        while !scanner.isAtLineEnd, let scalar = scanner.next {
            let position = scanner.position
            scanner.advance()
            if scalar == "'" {
                if let problem { throw problem }
                return String(text)
            }
            if scalar.isForbiddenControl {
                problem = problem ?? error(at: position, "control character \(scalar.codePoint) in a string; remove it")
            }
            text.append(scalar)
        }
        throw error(at: start, "this string has no end; write \"'\" behind its last character")
    }

    /// Reads what follows a backslash.
    private mutating func readEscape(at position: SourcePosition) throws(SyntaxError) -> Unicode.Scalar {
        guard !scanner.isAtLineEnd, let scalar = scanner.advance() else {
            throw error(at: position, "a lone '\\'; write '\\\\'")
        }
        switch scalar {
        case "b": return "\u{8}"
        case "t": return "\t"
        case "n": return "\n"
        case "f": return "\u{C}"
        case "r": return "\r"
        case "\"", "\\": return scalar
        case "u": return try readCodePoint(digits: 4, at: position)
        case "U": return try readCodePoint(digits: 8, at: position)
        default: throw error(at: position, "this escape is not supported; write '\\\\' for a backslash")
        }
    }

    private mutating func readCodePoint(digits: Int, at position: SourcePosition) throws(SyntaxError) -> Unicode.Scalar
    {
        var text = ""
        while text.count < digits, let scalar = scanner.next, scalar.properties.isASCIIHexDigit {
            text.unicodeScalars.append(scalar)
            scanner.advance()
        }
        guard text.count == digits, let scalar = UInt32(text, radix: 16).flatMap(Unicode.Scalar.init) else {
            throw error(at: position, "no Unicode character; write \\u and 4, or \\U and 8 hexadecimal digits")
        }
        return scalar
    }
}
