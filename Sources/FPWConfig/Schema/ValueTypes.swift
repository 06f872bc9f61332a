import FPWProtocol

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
    static var hostName: ValueType {
        ValueType(string: "a full host name", parse: HostSyntax.fullName, write: \.self)
    }

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

    /// A file's absolute path.
    static var path: ValueType {
        ValueType(string: "an absolute path", parse: absolutePath, write: \.self)
    }

    /// A proxy's URL, or "" for none. It may hold a user and password, which are never written again.
    static var proxy: ValueType {
        let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]
        return ValueType(string: "a proxy's URL, or \"\" for none") { (text) throws(InvalidValue) in
            guard !text.isEmpty else { return text }
            let url = try WebAddress(parsing: text, schemes: schemes)
            guard url.rest.isEmpty || url.rest == "/" else {
                throw InvalidValue("goes on behind the host; write scheme, host and port", hidesValue: true)
            }
            return text
        } write: { text in
            guard let at = text.lastIndex(of: "@"), let scheme = text.firstRange(of: "://") else { return text }
            return text[..<scheme.upperBound] + Token("").description + text[at...]
        }
    }
}

/// Relative paths would depend on where the program was started.
@Sendable func absolutePath(_ text: String) throws(InvalidValue) -> String {
    guard text.hasPrefix("/"), !text.utf8.contains(0) else {
        throw InvalidValue("is no absolute path; begin it with '/'")
    }
    return text
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

extension ValueType<ListenAddress> {
    static var tcpListener: ValueType {
        ValueType(string: "an address and port") { (text) throws(InvalidValue) in
            let address = try ListenAddress(parsing: text)
            if case .unix = address { throw InvalidValue("is a unix socket; write an address and port") }
            return address
        } write: {
            $0.description
        }
    }

    static var listener: ValueType {
        ValueType(string: "an address and port, or \"unix:/path\"", parse: ListenAddress.init(parsing:)) {
            $0.description
        }
    }
}

extension ValueType<UpstreamAddress> {
    static var upstream: ValueType {
        ValueType(string: "a URL without path, or \"unix:/path\"", parse: UpstreamAddress.init(parsing:)) {
            $0.description
        }
    }
}

extension ValueType<RelayURL> {
    static var relayURL: ValueType {
        ValueType(string: "an https:// or http:// URL", parse: RelayURL.init(parsing:)) { $0.description }
    }
}

extension ValueType<AddressRange> {
    static var addressRange: ValueType {
        ValueType(string: "an address or network", parse: AddressRange.init(parsing:)) { $0.description }
    }
}

extension ValueType<HostHeader> {
    static var hostHeader: ValueType {
        ValueType(string: "\"keep\", \"upstream\", or a name") { (text) throws(InvalidValue) in
            switch text {
            case "keep": return .keep
            case "upstream": return .upstream
            default:
                let authority = try Authority(parsing: text)
                let host = authority.host.contains(":") ? "[\(authority.host)]" : authority.host
                return .name(authority.port.map { "\(host):\($0)" } ?? host)
            }
        } write: { header in
            switch header {
            case .keep: "keep"
            case .upstream: "upstream"
            case .name(let name): name
            }
        }
    }
}
