/// What was read from one table, and where each of its keys stands.
struct TableReading<Target: Sendable>: Sendable {
    /// `[tunnel.blog]`.
    let title: String
    /// The header's place; nil where the table is not written at all.
    let position: SourcePosition?
    var target: Target
    /// Where the values stand that were read, by key.
    var written: [String: SourcePosition] = [:]
    /// A line could not be read at all: which key stands there is not known.
    var isDamaged = false
    /// The keys that are written, or missing, in a way that has been reported.
    var unread: Set<String> = []

    /// Whether a rule about these keys may be applied: what is wrong with one of them has been reported otherwise.
    func knows(_ keys: String...) -> Bool { !isDamaged && unread.isDisjoint(with: keys) }
}

/// One line of the effective configuration.
package struct EffectiveSetting: Sendable, Equatable {
    package let key: String
    /// As a configuration writes it, secrets redacted; nil where nothing is set.
    package let text: String?
    /// In words, what stands for a value that is not set.
    package let byDefault: String?
    /// The line in the file; nil for a default.
    package let line: Int?
}

package struct EffectiveTable: Sendable, Equatable {
    /// `[tunnel.blog]`.
    package let title: String
    package let settings: [EffectiveSetting]
}

extension EffectiveTable {
    init<Target>(_ reading: TableReading<Target>, _ schema: TableSchema<Target>) {
        title = reading.title
        settings = schema.keys.compactMap { key in
            let text = key.text(reading.target)
            // A token that another key gives is no missing one.
            guard text != nil || (key.byDefault != nil && !key.isSecret) else { return nil }
            let line = reading.written[key.name]?.line
            return EffectiveSetting(key: key.name, text: text, byDefault: key.byDefault, line: line)
        }
    }
}
