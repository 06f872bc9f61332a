extension Unicode.Scalar {
    /// As it is written inside a basic string.
    var escape: String {
        switch self {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default:
            let digits = codePoint.dropFirst(2)
            return value <= 0xFFFF ? "\\u" + digits : "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        }
    }
}

extension Unicode.Scalar {
    /// Controls, and what changes the order or the breaks of text: a terminal would obey it.
    fileprivate var isInvisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

/// A string as a TOML basic string, safe to show on a terminal.
func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        if scalar == "\"" || scalar == "\\" || scalar.isInvisible {
            result += scalar.escape
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

/// A key as a header writes it: `blog`, `"blog.example.org"`.
func written(key: String) -> String {
    !key.isEmpty && key.unicodeScalars.allSatisfy(\.isBareKey) ? key : quoted(key)
}

/// A key as messages show it: `'workers'`, or as a header writes it where that has quotes already.
func shown(key: String) -> String {
    let written = written(key: key)
    return written.hasPrefix("\"") ? written : "'\(written)'"
}
