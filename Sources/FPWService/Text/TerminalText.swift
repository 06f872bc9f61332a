/// Text of several lines from whoever answered, made fit for a terminal.
enum TerminalText {
    /// The lines, with escapes such as `\u001b` in the place of control characters, which a terminal would obey, and of
    /// invisible ones, which hide what stands there.
    static func clean(_ text: Substring) -> String {
        var clean: [UInt8] = []
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if !clean.isEmpty || line.startIndex > text.startIndex { clean.append(UInt8(ascii: "\n")) }
            clean.append(escaping: Array(line).span, as: .utf8, quotes: false)
        }
        return String(decoding: clean, as: UTF8.self)
    }
}
