extension ValueType<Bool> {
    static var boolean: ValueType {
        ValueType("true or false") { (value, _) throws(InvalidValue) in
            guard case .boolean(let flag) = value else { throw .wrongKind(value, expected: "true or false") }
            return flag
        } write: {
            "\($0)"
        }
    }
}

extension ValueType<Int> {
    static func integer(_ range: ClosedRange<Int>) -> ValueType {
        let form = "an integer, \(range.lowerBound)…\(range.upperBound)"
        return ValueType(form) { (value, _) throws(InvalidValue) in
            guard case .integer(let number) = value else { throw .wrongKind(value, expected: form) }
            try check(number, within: range, shownBy: \.description)
            return number
        } write: {
            "\($0)"
        }
    }
}

extension ValueType<Int?> {
    /// A limit, where 0 means none.
    static func limit(upTo largest: Int) -> ValueType {
        let integer = ValueType<Int>.integer(0...largest)
        return ValueType("\(integer.form); 0 is unlimited") { (value, surroundings) throws(InvalidValue) in
            let limit = try integer.read(value, surroundings)
            return limit == 0 ? nil : limit
        } write: {
            $0.map { "\($0)" } ?? "0"
        }
    }
}

extension ValueType<Duration> {
    static func duration(_ range: ClosedRange<Duration>) -> ValueType {
        let form = "a duration, \"\(range.lowerBound.configText)\"…\"\(range.upperBound.configText)\""
        return ValueType(form) { (value, _) throws(InvalidValue) in
            let duration: Duration
            switch value {
            case .string(let text): duration = try Duration(parsing: text)
            case .integer(let number): throw InvalidValue("has no unit; write \"\(number)s\"")
            case .boolean, .array: throw .wrongKind(value, expected: form)
            }
            try check(duration, within: range, shownBy: \.configText)
            return duration
        } write: {
            quoted($0.configText)
        }
    }
}

extension ValueType<ByteCount> {
    static func size(_ range: ClosedRange<ByteCount>) -> ValueType {
        let form = "a size, \"\(range.lowerBound)\"…\"\(range.upperBound)\""
        return ValueType(form) { (value, _) throws(InvalidValue) in
            let size: ByteCount
            switch value {
            case .string(let text): size = try ByteCount(parsing: text)
            case .integer(0): size = ByteCount(bytes: 0)
            case .integer(let number): throw InvalidValue("has no unit; write \"\(number)B\" or \"\(number)MiB\"")
            case .boolean, .array: throw .wrongKind(value, expected: form)
            }
            try check(size, within: range, shownBy: \.description)
            return size
        } write: {
            quoted($0.description)
        }
    }
}

extension ValueType<ByteCount?> {
    /// A limit, where 0 means none.
    static func limit(upTo largest: ByteCount) -> ValueType {
        let size = ValueType<ByteCount>.size(ByteCount(bytes: 0)...largest)
        return ValueType("\(size.form); 0 is unlimited") { (value, surroundings) throws(InvalidValue) in
            let limit = try size.read(value, surroundings)
            return limit.bytes == 0 ? nil : limit
        } write: {
            $0.map { quoted($0.description) } ?? "0"
        }
    }
}

extension ValueType<String> {
    /// One of a few words.
    static func word(_ words: [String]) -> ValueType {
        let form = words.map(quoted).joined(separator: ", ")
        return ValueType(string: "one of \(form)") { (text) throws(InvalidValue) in
            guard !words.contains(text) else { return text }
            let hint =
                Spelling.nearest(to: text, in: words).map { "; did you mean \(quoted($0))?" }
                ?? "; write one of \(form)"
            throw InvalidValue("is not known here\(hint)")
        } write: {
            $0
        }
    }
}

extension ValueType where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of an enumeration's words.
    static var choice: ValueType {
        let word = ValueType<String>.word(Value.allCases.map(\.rawValue))
        return ValueType(word.form) { (value, surroundings) throws(InvalidValue) in
            let text = try word.read(value, surroundings)
            guard let choice = Value(rawValue: text) else { throw InvalidValue("is not known here") }
            return choice
        } write: {
            quoted($0.rawValue)
        }
    }
}
