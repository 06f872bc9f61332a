/// Finds the word that somebody meant.
enum Spelling {
    /// The nearest word, if it is near: people get the beginning of a word right more often than its end.
    static func nearest(to word: String, in words: some Sequence<String>) -> String? {
        let length = word.unicodeScalars.count
        let near = words.map { (word: $0, distance: distance(word, $0)) }.filter { candidate in
            let limit = candidate.word.first == word.first ? (length + 1) / 2 : max(1, length / 3)
            return candidate.distance <= limit || (length > 0 && candidate.word.hasPrefix(word))
        }
        return near.min { $0.distance < $1.distance }?.word
    }

    /// Insertions, deletions, substitutions and swaps of neighbours that make one word the other
    /// ("optimal string alignment").
    static func distance(_ first: String, _ second: String) -> Int {
        let first = Array(first.lowercased().unicodeScalars)
        let second = Array(second.lowercased().unicodeScalars)
        // What is much longer than any key is no misspelt key, and the table below grows with both lengths.
        guard !first.isEmpty, !second.isEmpty, abs(first.count - second.count) < 8 else {
            return max(first.count, second.count)
        }
        var rows = [Array(0...second.count)]
        for (row, scalar) in first.enumerated() {
            var costs = [row + 1]
            for (column, other) in second.enumerated() {
                let substitution = rows[row][column] + (scalar == other ? 0 : 1)
                var cost = min(rows[row][column + 1] + 1, costs[column] + 1, substitution)
                if row > 0, column > 0, scalar == second[column - 1], first[row - 1] == other {
                    cost = min(cost, rows[row - 1][column - 1] + 1)
                }
                costs.append(cost)
            }
            rows.append(costs)
        }
        return rows[first.count][second.count]
    }
}
