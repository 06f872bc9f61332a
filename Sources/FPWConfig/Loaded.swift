/// A configuration that can be used, and what is known about its making.
package struct Loaded<Config: Sendable>: Sendable {
    package let config: Config
    package let file: String
    package let warnings: [Diagnostic]
    /// Every setting with its value and origin.
    package let tables: [EffectiveTable]
}

extension Loaded {
    /// The effective configuration in its own syntax, with where each value came from, secrets redacted.
    package var effectiveText: String {
        tables.map { table in
            let lines = table.settings.map { setting in
                (left: setting.statement, right: setting.line.map { "\(file):\($0)" } ?? "default")
            }
            let width = min(48, lines.map(\.left.count).max() ?? 0)
            let text = lines.map { line in
                line.left + String(repeating: " ", count: max(0, width - line.left.count)) + "  # \(line.right)\n"
            }
            return "\(table.title)\n" + text.joined()
        }
        .joined(separator: "\n")
    }
}

extension EffectiveSetting {
    fileprivate var statement: String {
        if let text { return "\(key) = \(text)" }
        return "# \(key): \(byDefault ?? "not set")"
    }
}
