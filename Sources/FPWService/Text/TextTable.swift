/// A table for people.
package enum TextTable {
    /// One line per row; columns begin below each other, two spaces apart. All rows have as many cells as the first.
    package static func lines(_ rows: [[String]]) -> [String] {
        guard let head = rows.first else { return [] }
        let widths = head.indices.dropLast().map { column in rows.map(\.[column].count).max() ?? 0 } + [0]
        return rows.map { row in
            zip(row, widths).map { $0.padded(to: $1) }.joined(separator: "  ")
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
