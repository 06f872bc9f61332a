import Testing

@testable import FPWProtocol

@Suite("Paths that a rule names")
struct PathPrefixTests {
    private func lies(_ target: String, below prefixes: String..., method: Method = .get) throws -> Bool {
        // A target is ASCII; what stands for other characters is escaped.
        let escaped = target.utf8.map { $0 < 0x80 ? String(Unicode.Scalar($0)) : "%" + String($0, radix: 16) }.joined()
        return try RequestTarget(Array(escaped.utf8), method: method).lies(
            below: prefixes.compactMap { PathPrefix($0) })
    }

    @Test(
        "a prefix covers itself and what is below it",
        arguments: [
            "/hooks", "/hooks/", "/hooks?x", "/hooks/?x=/../y", "/hooks/x", "/hooks/x/y/", "/hooks/a.b",
            "/hooks/.a/..b",
            "/hooks/a;v=1/b", "/hooks/a%20b", "/hooks/%C3%A9", "/hooks/a%2fb", "/hooks/100%25", "/hooks/a%2Eb",
            "/hooks/x#y", "/api/v1/x",
            // Names in other scripts, with dots and slashes of theirs within.
            "/hooks/%E6%97%A5%E6%9C%AC%E8%AA%9E", "/hooks/\u{65E5}.\u{672C}/x", "/hooks/caf\u{E9}..pdf",
            "/hooks/\u{E9}/..x",
            "/hooks/\u{7B49}\u{2026}\u{2026}", "/hooks/Wait\u{2026}.pdf", "/hooks/.\u{E9}", "/hooks/AC\u{FF0F}DC.mp3",
            "/hooks/1\u{2044}2", "/hooks/\u{FF21}\u{FF22}\u{FF03}", "/hooks/100\u{FF05}", "/hooks/\u{1F600}",
        ])
    func covers(target: String) throws {
        #expect(try lies(target, below: "/hooks", "/api/v1/"))
    }

    @Test(
        "what is elsewhere, or may be for one service or another, is not covered",
        arguments: [
            // Elsewhere.
            "/", "/hooksx", "/hook", "/x/hooks", "/Hooks", "/HOOKS/x", "/api", "/api/v2/x", "/api/v10", "/hooks;x",
            "/?/hooks/", "/hooks.html", "/hooks:80",
            // Dot segments, in every dress.
            "/hooks/..", "/hooks/../admin", "/hooks/./x", "/hooks/.", "/./hooks", "/x/../hooks", "/hooks/x/../../admin",
            "/hooks/%2e%2e/admin", "/hooks/%2E%2E/admin", "/hooks/.%2e/admin", "/hooks/%2e./admin", "/hooks/%2e/x",
            "/hooks/..%2fadmin", "/hooks/..%2Fadmin", "/hooks/%2e%2e%2fadmin", "/hooks%2f..%2fadmin",
            "/hooks/x%2f..%2f..%2fadmin", "/hooks/..;/admin", "/hooks/..;v=1/admin", "/hooks/.;/x",
            "/hooks/..%3b/admin",
            "/hooks/.../admin", "/hooks/..%20/admin", "/hooks/%20../admin",
            "/hooks/. ./admin".replacing(" ", with: "%20"),
            // Decoded twice, or more often than anybody does.
            "/hooks/%252e%252e/admin", "/hooks/%252e%252e%252fadmin", "/hooks/%25252e%25252e/admin",
            "/hooks/%2525252e%2525252e/admin", "/hooks/..%255cadmin", "/hooks/%2525252525252e",
            // Other separators.
            "/hooks\\x", "/hooks/..\\admin", "/hooks/%5c../admin", "/hooks/..%5cadmin", "/hooks%5cx",
            // Empty segments.
            "//hooks", "//hooks/x", "/hooks//x", "/hooks//../admin", "/hooks/%2fetc", "/hooks/;x/y", "/%2fhooks",
            // An escaped prefix.
            "/%68ooks", "/hook%73/x", "/%2e/hooks", "%2fhooks".replacing("%2fh", with: "/%2fh"), "/hooks%2fx",
            "/hooks%2F",
            "/hooks%3fx", "/hooks%23x", "/hooks%00/x", "/hooks%20/x", "/hooks%3b/x",
            // Control characters and what is no UTF-8, or a longer form of a dot or slash.
            "/hooks/%00", "/hooks/..%00/admin", "/hooks/%0d%0ax", "/hooks/%7f", "/hooks/%ff",
            "/hooks/%c0%ae%c0%ae/admin",
            "/hooks/..%c0%afadmin", "/hooks/%e0%80%ae%e0%80%ae/admin", "/hooks/%2500x",
            // What becomes a dot, a slash or the like by compatibility, and what may be left out beside dots.
            "/hooks/%ef%bc%8e%ef%bc%8e/admin", "/hooks/\u{FF0E}\u{FF0E}/admin", "/hooks/.\u{FF0E}/admin",
            "/hooks/\u{2024}\u{2024}/admin", "/hooks/\u{2025}/admin", "/hooks/\u{2026}", "/hooks/\u{2026}/admin",
            "/hooks/\u{FE52}\u{FE52}/admin", "/hooks/\u{FE30}/admin", "/hooks/\u{FE19}/admin",
            "/hooks/x\u{FF0F}..\u{FF0F}..\u{FF0F}admin", "/hooks/..\u{2215}admin", "/hooks/..\u{2044}admin",
            "/hooks/..\u{FF3C}admin", "/hooks/..\u{2216}admin", "/hooks/..\u{FE68}admin",
            "/hooks/..\u{A5}admin", "/hooks/..\u{20A9}admin",
            "/hooks/..\u{FF1B}/admin", "/hooks/..\u{37E}x/admin",
            "/hooks/..%c2%a0/admin", "/hooks/..%c2%ad/admin", "/hooks/..%e2%80%8b/admin", "/hooks/.%e2%80%8b./admin",
            "/hooks/%ef%bb%bf../admin", "/hooks/..\u{FE0F}/admin", "/hooks/..\u{E9}/admin",
            "/hooks/\u{FF0E}\u{200B}\u{FF0E}/admin", "/hooks/\u{FF05}2e\u{FF05}2e/admin", "/\u{FF48}ooks/x",
            "/hooks/%25ef%25bc%258e%25ef%25bc%258e/admin",
            // Escapes that are none.
            "/hooks/%", "/hooks/%2", "/hooks/%zz", "/hooks/%u002e%u002e/admin", "/hooks/x%2",
        ])
    func refuses(target: String) throws {
        #expect(try !lies(target, below: "/hooks", "/api/v1/"))
    }

    @Test("the target of OPTIONS * is no path")
    func asterisk() throws {
        #expect(try !lies("*", below: "/hooks", method: .options))
    }

    @Test(
        "a prefix is plain text",
        arguments: [
            "", "/", "hooks", "//", "/a//b", "/a/../b", "/.", "/a?b", "/a#b", "/a;b", "/a%20b", "/a b", "/é", "/a\\b",
        ])
    func refusesPrefixes(text: String) {
        #expect(PathPrefix(text) == nil)
    }

    @Test("a slash at its end says nothing")
    func normalises() {
        #expect(PathPrefix("/api/v1/") == PathPrefix("/api/v1"))
        #expect(PathPrefix("/api/v1/")?.description == "/api/v1")
    }
}
