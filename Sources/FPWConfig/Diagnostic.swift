/// A place in a text. Lines and columns count from 1; a column is a Unicode scalar.
package struct SourcePosition: Sendable, Hashable, Comparable {
    package let line: Int
    package let column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// One finding about a configuration, written for the operator: what is wrong and what to write instead.
package struct Diagnostic: Sendable, Hashable {
    package enum Severity: Sendable, Hashable { case error, warning }

    package let severity: Severity
    /// The file that it is about, or the name of an environment variable or argument.
    package let source: String
    /// Nil where the finding is about the source as a whole.
    package let position: SourcePosition?
    package let message: String

    package init(_ severity: Severity, in source: String, at position: SourcePosition? = nil, _ message: String) {
        self.severity = severity
        self.source = source
        self.position = position
        self.message = message
    }
}

extension Diagnostic: CustomStringConvertible {
    /// `file:line:column: message`, the form that editors and terminals make clickable.
    package var description: String {
        let place = position.map { "\(source):\($0.line):\($0.column)" } ?? source
        return severity == .warning ? "\(place): warning: \(message)" : "\(place): \(message)"
    }
}

extension [Diagnostic] {
    /// In reading order: what concerns the whole comes first.
    func sortedByPosition() -> [Diagnostic] {
        sorted { left, right in
            switch (left.position, right.position) {
            case (let left?, let right?): left < right
            case (nil, _?): true
            case (_?, nil), (nil, nil): false
            }
        }
    }
}

/// Everything that keeps a configuration from being used, with the warnings found on the way, in reading order.
package struct ConfigErrors: Error, Sendable, Equatable, CustomStringConvertible {
    package let diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics.sortedByPosition() }

    package var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
