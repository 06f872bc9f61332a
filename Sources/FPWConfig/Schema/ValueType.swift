/// What may be written for a key, what it means, and how it is written again.
struct ValueType<Value: Sendable & Equatable>: Sendable {
    typealias Read = @Sendable (TOMLValue, Surroundings) throws(InvalidValue) -> Value

    /// For messages and the reference: `an integer, 1…1024`.
    let form: String
    let isSecret: Bool
    let read: Read
    /// As a configuration writes it; nil where nothing is written.
    let write: @Sendable (Value) -> String?

    init(_ form: String, isSecret: Bool = false, read: @escaping Read, write: @escaping @Sendable (Value) -> String?) {
        self.form = form
        self.isSecret = isSecret
        self.read = read
        self.write = write
    }

    /// A value that is written as a string.
    init(
        string form: String, isSecret: Bool = false, parse: @escaping @Sendable (String) throws(InvalidValue) -> Value,
        write: @escaping @Sendable (Value) -> String
    ) {
        self.init(form, isSecret: isSecret) { (value, _) throws(InvalidValue) in
            guard case .string(let text) = value else { throw .wrongKind(value, expected: form) }
            return try parse(text)
        } write: {
            quoted(write($0))
        }
    }

    /// The same value where a configuration need not say any.
    var optional: ValueType<Value?> {
        ValueType<Value?>(form, isSecret: isSecret) { (value, surroundings) throws(InvalidValue) in
            try read(value, surroundings)
        } write: {
            $0.flatMap(write)
        }
    }
}

extension ValueType {
    static func array<Element>(of element: ValueType<Element>, _ form: String) -> ValueType where Value == [Element] {
        ValueType(form, isSecret: element.isSecret) { (value, surroundings) throws(InvalidValue) in
            guard case .array(let items) = value else { throw .wrongKind(value, expected: form) }
            var values: [Element] = []
            for item in items {
                do throws(InvalidValue) {
                    values.append(try element.read(item.value, surroundings))
                } catch {
                    let shown = element.isSecret || error.hidesValue ? "a value that" : "\(item.value.text), which"
                    throw InvalidValue("has \(shown) \(error.reason)", hidesValue: true)
                }
            }
            return values
        } write: { values in
            "[" + values.compactMap(element.write).joined(separator: ", ") + "]"
        }
    }
}

extension InvalidValue {
    static func wrongKind(_ value: TOMLValue, expected form: String) -> InvalidValue {
        InvalidValue("must be \(form), not \(value.kind)", hidesValue: true)
    }
}

extension TOMLValue {
    fileprivate var kind: String {
        switch self {
        case .string: "a string"
        case .integer: "an integer"
        case .boolean: "a boolean"
        case .array: "an array"
        }
    }

    /// As it is written, for messages.
    var text: String {
        switch self {
        case .string(let text): quoted(text)
        case .integer(let number): "\(number)"
        case .boolean(let flag): "\(flag)"
        case .array(let items): "[" + items.map(\.value.text).joined(separator: ", ") + "]"
        }
    }
}
