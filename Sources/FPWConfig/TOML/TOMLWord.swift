/// A value without quotes: a boolean or an integer; the other kinds are named and refused.
///
/// Messages never repeat the word: it may be a secret whose quotes were forgotten.
enum TOMLWord {
    struct Refusal: Error { let message: String }

    static func read(_ word: String) throws(Refusal) -> TOMLValue {
        switch word {
        case "": throw Refusal(message: "a value is missing here; write a string, an integer, true, false or an array")
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        default: break
        }
        if isDateOrTime(word) {
            throw Refusal(message: "dates and times are not supported; write a string, in quotes")
        }
        if isFloat(word) {
            throw Refusal(message: "floats are not supported; write an integer, or a string such as \"1500ms\"")
        }
        return .integer(try integer(word))
    }

    /// TOML 1.0, "Integer": digits with single underscores between them, an optional sign, no leading zeros; or
    /// `0x`, `0o`, `0b` without a sign. 64 bits.
    private static func integer(_ word: String) throws(Refusal) -> Int {
        let isSigned = word.hasPrefix("-") || word.hasPrefix("+")
        let prefixes: KeyValuePairs = ["0x": 16, "0o": 8, "0b": 2]
        let radix = prefixes.first { word.hasPrefix($0.key) }?.value ?? 10
        let text = word.dropFirst(radix == 10 ? (isSigned ? 1 : 0) : 2)
        let groups = text.split(separator: "_", omittingEmptySubsequences: false)
        guard groups.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isDigit(radix: radix) } }) else {
            throw notAValue(word)
        }
        let digits = groups.joined()
        guard radix != 10 || digits == "0" || !digits.hasPrefix("0") else {
            throw Refusal(message: "an integer has no leading zeros; remove them, or write 0o for octal")
        }
        guard let value = Int((word.hasPrefix("-") ? "-" : "") + digits, radix: radix) else {
            throw Refusal(message: "this integer does not fit in 64 bits")
        }
        return value
    }

    private static func notAValue(_ word: String) -> Refusal {
        switch word.lowercased() {
        case "true", "yes", "on": Refusal(message: "this is not a boolean; write true")
        case "false", "no", "off": Refusal(message: "this is not a boolean; write false")
        default:
            Refusal(message: "this is no integer, true or false; put text, durations and sizes in quotes: \"…\"")
        }
    }

    /// `inf`, `nan`, and numbers with a fraction or an exponent.
    private static func isFloat(_ word: String) -> Bool {
        let number = word.hasPrefix("-") || word.hasPrefix("+") ? word.dropFirst() : word[...]
        if number == "inf" || number == "nan" { return true }
        guard number.first?.isDigit(radix: 10) == true, !number.hasPrefix("0x") else { return false }
        return number.allSatisfy { $0.isDigit(radix: 10) || "._eE+-".contains($0) }
            && number.contains { ".eE".contains($0) }
    }

    /// `1979-05-27…` and `07:32…`.
    private static func isDateOrTime(_ word: String) -> Bool {
        let shape = word.prefix(5).map { $0.isDigit(radix: 10) ? "0" : $0 }
        return String(shape) == "0000-" || String(shape).hasPrefix("00:")
    }
}

extension Character {
    fileprivate func isDigit(radix: Int) -> Bool {
        guard let value = isASCII ? hexDigitValue : nil else { return false }
        return value < radix
    }
}
