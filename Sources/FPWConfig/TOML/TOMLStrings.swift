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
                problem = problem ?? controlCharacter(scalar, at: position)
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
            if scalar.isForbiddenControl { problem = problem ?? controlCharacter(scalar, at: position) }
            text.append(scalar)
        }
        throw error(at: start, "this string has no end; write \"'\" behind its last character")
    }

    private func controlCharacter(_ scalar: Unicode.Scalar, at position: SourcePosition) -> SyntaxError {
        error(
            at: position,
            "control character \(scalar.codePoint) in a string; remove it, or write it as \(scalar.escape)")
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
        default: throw error(at: position, "TOML has no such escape; write '\\\\' for a backslash")
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

extension Unicode.Scalar {
    /// As it is written inside a basic string.
    var escape: String {
        switch self {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default: return "\\u" + codePoint.dropFirst(2)
        }
    }
}

/// A string as a TOML basic string, safe to show on a terminal.
func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        if scalar == "\"" || scalar == "\\" || scalar.properties.generalCategory == .control {
            result += scalar.escape
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

/// A key as messages show it: `'workers'`, or with TOML's quotes where it needs them.
func shown(key: String) -> String {
    !key.isEmpty && key.unicodeScalars.allSatisfy(\.isBareKey) ? "'\(key)'" : quoted(key)
}
