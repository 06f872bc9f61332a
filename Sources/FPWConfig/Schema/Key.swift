/// One key of a table, declared once: for reading, checking, printing and the reference.
struct Key<Target: Sendable>: Sendable {
    let name: String
    /// What may be written: `an integer, 1…1024`.
    let form: String
    /// In words, what stands where the key is not written, if no value says it: `the system's certificates`.
    let byDefault: String?
    /// A line to copy where the key is needed and missing; nil where it may be missing.
    let neededAs: String?
    let needsRestart: Bool
    let isSecret: Bool
    let doc: String
    let read: @Sendable (TOMLValue, inout Target, Surroundings) throws(InvalidValue) -> Void
    /// The value as a configuration writes it, secrets redacted; nil where there is none.
    let text: @Sendable (Target) -> String?
    let isEqual: @Sendable (Target, Target) -> Bool

    init<Value>(
        _ name: String, _ path: any WritableKeyPath<Target, Value> & Sendable, _ type: ValueType<Value>,
        byDefault: String? = nil, neededAs: String? = nil, needsRestart: Bool = false, _ doc: String
    ) {
        self.name = name
        form = type.form
        self.byDefault = byDefault
        self.neededAs = neededAs
        self.needsRestart = needsRestart
        isSecret = type.isSecret
        self.doc = doc
        read = { (value, target, surroundings) throws(InvalidValue) in
            target[keyPath: path] = try type.read(value, surroundings)
        }
        text = { type.write($0[keyPath: path]) }
        isEqual = { $0[keyPath: path] == $1[keyPath: path] }
    }

    /// A key without which the value is nil.
    init<Value>(
        _ name: String, _ path: any WritableKeyPath<Target, Value?> & Sendable, _ type: ValueType<Value>,
        byDefault: String? = nil, needsRestart: Bool = false, _ doc: String
    ) {
        self.init(name, path, type.optional, byDefault: byDefault, needsRestart: needsRestart, doc)
    }
}

/// The keys of `[name]`, or of every `[name.NAME]`.
struct TableSchema<Target: Sendable>: Sendable {
    let name: String
    /// Several tables, each with a name of its own.
    let isNamed: Bool
    let doc: String
    let keys: [Key<Target>]

    /// `[daemon]`, `[tunnel.NAME]`.
    var title: String { isNamed ? "[\(name).NAME]" : "[\(name)]" }
}
