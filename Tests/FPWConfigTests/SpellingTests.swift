import Testing

@testable import FPWConfig

@Suite("Did you mean")
struct SpellingTests {
    @Test(
        "the nearest word is proposed if it is near",
        arguments: [
            ("remot", "relay"), ("worker", "workers"), ("upstrem", "upstream"), ("ohst", "host"), ("HOST", "host"),
            ("warn", "warning"), ("verbos", nil), ("xyzzy", nil), ("", nil), ("completely_different_key", nil),
        ]
    )
    func proposes(word: String, expected: String?) {
        let words = ["host", "token", "upstream", "relay", "workers", "max_workers", "warning", "error"]
        #expect(Spelling.nearest(to: word, in: words) == expected)
    }

    @Test(
        "insertions, deletions, substitutions and swaps count one each",
        arguments: [
            ("abc", "abc", 0), ("abc", "abxc", 1), ("abc", "ac", 1), ("abc", "axc", 1), ("abc", "acb", 1),
            ("", "ab", 2),
        ]
    )
    func counts(first: String, second: String, expected: Int) {
        #expect(Spelling.distance(first, second) == expected)
    }
}
