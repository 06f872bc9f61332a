import FPWProtocol

/// A token that stands in a file of its own.
struct TokenFile: Sendable, Equatable {
    let path: String
    let token: Token
}

extension ValueType<Token> {
    static var token: ValueType {
        ValueType(string: "a string of visible ASCII characters", isSecret: true) { (text) throws(InvalidValue) in
            try Token(checking: text)
        } write: {
            $0.description
        }
    }
}

extension ValueType<TokenFile> {
    static var tokenFile: ValueType {
        ValueType("the absolute path of a file that holds the token") { (value, surroundings) throws(InvalidValue) in
            guard case .string(let text) = value else { throw .wrongKind(value, expected: "an absolute path") }
            return try TokenFile(reading: absolutePath(text), in: surroundings)
        } write: {
            quoted($0.path)
        }
    }
}

extension Token {
    /// What fits in a header field's value and is never taken apart there.
    init(checking text: String) throws(InvalidValue) {
        guard Self.isToken(text) else {
            throw InvalidValue("must have 1…256 visible ASCII characters and no blanks", hidesValue: true)
        }
        self.init(text)
    }

    fileprivate static func isToken(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

extension TokenFile {
    fileprivate init(reading path: String, in surroundings: Surroundings) throws(InvalidValue) {
        var text = String(decoding: try surroundings.readSecret(path), as: UTF8.self)
        if text.last?.isNewline == true { text.removeLast() }
        guard !text.isEmpty else { throw InvalidValue("is empty; write the token to it") }
        guard Token.isToken(text) else { throw InvalidValue("must hold one line of 1…256 visible ASCII characters") }
        self.init(path: path, token: Token(text))
    }
}
