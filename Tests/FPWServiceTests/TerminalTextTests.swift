import Testing

@testable import FPWService

@Suite("What is printed on a terminal")
struct TerminalTextTests {
    @Test(
        "keeps its lines and letters, and obeys nobody",
        arguments: [
            ("", ""), ("\n", "\n"), ("\n\na", "\n\na"),
            ("tunnel  state\n  blög – “ok” …", "tunnel  state\n  blög – “ok” …"),
            ("\u{1B}]0;x\u{7}\u{1B}[2J", "\\u001b]0;x\\u0007\\u001b[2J"), ("a\r\nb\tc", "a\\r\nb\\tc"),
            ("\u{9B}31m", "\\u009b31m"), ("gnp\u{202E}exe\u{2028}\u{200B}", "gnp\\u202eexe\\u2028\\u200b"),
        ])
    func clean(text: String, shown: String) {
        #expect(TerminalText.clean(text[...]) == shown)
    }

    @Test("JSON of our own stays as it is, and what it holds the same in any case")
    func json() {
        let seen = JSON.line(["a": "\"\\ \n\r\t\u{1B}[2J\u{0} blög … 漢字 😀 </\u{A0}"]).dropLast()
        #expect(TerminalText.clean(seen) == seen)
        let unseen = ["gnp\u{202E}exe": "\u{9B}31m\u{7F}\u{2028}"]
        let clean = TerminalText.clean(JSON.line(unseen)[...])
        #expect(
            clean.contains("\\u202e")
                && !clean.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
        #expect(JSON.value([String: String].self, from: Array(clean.utf8)) == unseen)
    }
}
