import FPWProtocol

extension ValueType {
    /// An array that has something in it: an empty one might mean everything or nothing.
    static func list<Element>(of element: ValueType<Element>, _ form: String) -> ValueType where Value == [Element] {
        let array = ValueType.array(of: element, form)
        return ValueType(form) { (value, surroundings) throws(InvalidValue) in
            let values = try array.read(value, surroundings)
            guard !values.isEmpty else { throw InvalidValue("is empty; remove it where there is no such rule") }
            return values
        } write: {
            array.write($0)
        }
    }
}

extension ValueType<Method> {
    static var method: ValueType {
        ValueType(string: "a method") { (text) throws(InvalidValue) in
            guard let method = Method(text.utf8), !text.contains(where: \.isLowercase) else {
                throw InvalidValue("is no method; write it as in \"GET\"")
            }
            guard method != .connect else { throw InvalidValue("is never served") }
            return method
        } write: {
            $0.name
        }
    }
}

extension ValueType<PathPrefix> {
    static var pathPrefix: ValueType {
        ValueType(string: "a path") { (text) throws(InvalidValue) in
            guard text != "/" else { throw InvalidValue("is every path; remove the rule") }
            guard let prefix = PathPrefix(text) else {
                throw InvalidValue(
                    "is no plain path; write \"/hooks\", without %, ?, #, ;, \\, dot segments and blanks")
            }
            return prefix
        } write: {
            $0.description
        }
    }
}

extension ValueType<RequestRate> {
    static var rate: ValueType {
        ValueType(string: "requests in a second, minute or hour", parse: RequestRate.init(parsing:)) { $0.description }
    }
}

extension ValueType<PasswordFile> {
    static var passwordFile: ValueType {
        ValueType("the absolute path of a file with users and hashed passwords") {
            (value, surroundings) throws(InvalidValue) in
            guard case .string(let text) = value else { throw .wrongKind(value, expected: "an absolute path") }
            let path = try absolutePath(text)
            return try PasswordFile(path: path, bytes: try surroundings.readSecret(path))
        } write: {
            quoted($0.path)
        }
    }
}
