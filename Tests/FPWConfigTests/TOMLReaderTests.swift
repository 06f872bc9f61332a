import Testing

@testable import FPWConfig

@Suite("TOML-lite")
struct TOMLReaderTests {
    /// The value of the only key.
    private func value(_ text: String) throws -> TOMLValue {
        let document = TOMLReader.read(Array("key = \(text)".utf8))
        try #require(document.errors == [])
        guard case .value(let item) = try #require(document.root.entry("key")).content else { throw NoValue() }
        return item.value
    }

    private struct NoValue: Error {}

    @Test(
        "strings, integers and booleans mean what TOML says",
        arguments: [
            (#""plain""#, .string("plain")),
            (#""""#, .string("")),
            (#""\b\t\n\f\r\"\\ \u00e9 \U0001F600""#, .string("\u{8}\t\n\u{C}\r\"\\ é 😀")),
            (#"'C:\path "quoted"'"#, .string(#"C:\path "quoted""#)),
            ("0", .integer(0)),
            ("+99", .integer(99)),
            ("-17", .integer(-17)),
            ("1_000_000", .integer(1_000_000)),
            ("0xDEAD_beef", .integer(0xDEAD_BEEF)),
            ("0o755", .integer(0o755)),
            ("0b1101", .integer(13)),
            ("0x00ff", .integer(255)),
            ("9223372036854775807", .integer(.max)),
            ("-9223372036854775808", .integer(.min)),
            ("true", .boolean(true)),
            ("false # with a comment", .boolean(false)),
        ] as [(String, TOMLValue)]
    )
    func readsScalars(text: String, expected: TOMLValue) throws {
        #expect(try value(text) == expected)
    }

    @Test("an array may stand on several lines, with comments and a comma behind its last value")
    func readsArrays() throws {
        let text = "[ # first\n  1,\r\n\n  'two' , # second\n  true,\n]"
        #expect(
            try value(text)
                == .array([
                    TOMLItem(value: .integer(1), position: SourcePosition(line: 2, column: 3)),
                    TOMLItem(value: .string("two"), position: SourcePosition(line: 4, column: 3)),
                    TOMLItem(value: .boolean(true), position: SourcePosition(line: 5, column: 3)),
                ])
        )
        #expect(try value("[]") == .array([]))
    }

    @Test("tables nest by their headers, and keys keep their order")
    func readsTables() throws {
        let document = TOMLReader.read(Array("z = 1\na = 2\n[ x . \"y z\" ] # header\n'k k' = 3\n[x]\nm = 4".utf8))
        #expect(document.errors == [])
        #expect(document.root.entries.map(\.key.name) == ["z", "a", "x"])
        guard case .table(let x) = document.root.entry("x")?.content else { return #expect(Bool(false)) }
        #expect(document[x].entries.map(\.key.name) == ["y z", "m"])
        #expect(document[x].headerPosition == SourcePosition(line: 5, column: 1))
        guard case .table(let inner) = document[x].entry("y z")?.content else { return #expect(Bool(false)) }
        #expect(document[inner].entries.map(\.key.position) == [SourcePosition(line: 4, column: 1)])
    }

    @Test("a text takes time in proportion to its length", .timeLimit(.minutes(1)))
    func readsLongFiles() {
        let keys = (0..<50_000).map { "key\($0) = 1\n" }.joined()
        let tables = (0..<20_000).map { "[a.\"t\($0)\"]\nx = 1\n" }.joined()
        let document = TOMLReader.read(Array((keys + tables).utf8))
        #expect(document.errors == [])
        #expect(document.root.entries.count == 50_001 && document.tables.count == 20_002)
    }

    @Test("a byte order mark, CRLF and a missing last line break are accepted")
    func readsWindowsFiles() {
        let document = TOMLReader.read([0xEF, 0xBB, 0xBF] + Array("a = 1\r\n# c\r\nb = 2".utf8))
        #expect(document.errors == [])
        #expect(document.root.entries.map(\.key.position) == [1, 3].map { SourcePosition(line: $0, column: 1) })
    }

    @Test("keys are the same if their bytes are, not if Unicode calls them equivalent")
    func comparesKeysByBytes() {
        #expect(syntaxErrors("\"\u{E9}\" = 1\n\"e\u{301}\" = 2") == [])
    }

    @Test(
        "what TOML-lite leaves out is refused by its name",
        arguments: [
            ("1.5", "floats are not supported; write an integer, or a string such as \"1500ms\""),
            ("-inf", "floats are not supported; write an integer, or a string such as \"1500ms\""),
            ("1979-05-27T07:32:00Z", "dates and times are not supported; write a string, in quotes"),
            ("07:32:00", "dates and times are not supported; write a string, in quotes"),
            ("\"\"\"\nmany\n\"\"\"", "multi-line strings are not supported; write one line, with \\n where it breaks"),
            ("'''x\n'y''''", "multi-line strings are not supported; write one line, with \\n where it breaks"),
            ("'''open", "multi-line strings are not supported, and this one has no end; write one line"),
            ("{ a = { b = '}' } }", "inline tables are not supported; write a [table] header and keys below it"),
            ("[\n[1, [2]],\n]", "nested arrays are not supported; write one flat array"),
        ]
    )
    func namesWhatIsUnsupported(text: String, message: String) {
        #expect(syntaxErrors("key = \(text)\nother = true").map { $0.drop { $0 != " " }.dropFirst() } == [message[...]])
    }

    @Test("dotted keys and arrays of tables are refused by name, and nothing else is blamed for them")
    func namesUnsupportedTables() {
        let text = "a.b = 1\na.c = 2\n[[fruit]]\nname = 1\n[fruit.kind]\nx = 1\n[[fruit]]\n[fruit.kind]\nx = 2"
        #expect(
            syntaxErrors(text) == [
                "1:1: dotted keys are not supported; write the key below a [table] header",
                "2:1: dotted keys are not supported; write the key below a [table] header",
                "3:1: arrays of tables are not supported; give each table a name of its own: [table.name]",
                "7:1: arrays of tables are not supported; give each table a name of its own: [table.name]",
            ]
        )
    }

    @Test(
        "a syntax error says what is wrong and what to write",
        arguments: [
            ("key", "1:4: '=' is missing after the key; write key = value"),
            ("= 1", "1:1: a key is expected here; use letters, digits, '_' and '-', or put it in quotes"),
            ("key =", "1:6: a value is missing here; write a string, an integer, true, false or an array"),
            (
                "key = s3cret",
                "1:7: this is no integer, true or false; put text, durations and sizes in quotes: \"…\""
            ),
            ("key = True", "1:7: this is not a boolean; write true"),
            ("key = off", "1:7: this is not a boolean; write false"),
            ("key = 007", "1:7: an integer has no leading zeros; remove them, or write 0o for octal"),
            ("key = 9223372036854775808", "1:7: this integer does not fit in 64 bits"),
            ("key = \"open", "1:7: this string has no end; write '\"' behind its last character"),
            ("key = 'open", "1:7: this string has no end; write \"'\" behind its last character"),
            (#"key = "a\qb""#, #"1:9: this escape is not supported; write '\\' for a backslash"#),
            (#"key = "\ud800""#, #"1:8: no Unicode character; write \u and 4, or \U and 8 hexadecimal digits"#),
            ("key = \"a\u{1}b\"", #"1:9: control character U+0001 in a string; remove it, or write \u0001"#),
            ("key = 'a\rb'", "1:9: control character U+000D in a string; remove it"),
            ("# a\u{7F}", "1:4: control character U+007F in a comment; remove it"),
            (
                "key = 1 2",
                "1:9: something follows the end of the line's content; put it on a line of its own, or behind '#'"
            ),
            ("key = [1 2]", "1:10: ',' or ']' is missing between two values of an array; write [1, 2]"),
            ("key = [1,, 2]", "1:10: a value is missing here; write a string, an integer, true, false or an array"),
            ("[table", "1:7: ']' is missing after the table's name; write [name]"),
            ("[]", "1:2: a key is expected here; use letters, digits, '_' and '-', or put it in quotes"),
            ("\"\"\"key\"\"\" = 1", "1:1: a key cannot be a multi-line string; write it in one pair of quotes"),
            ("a = 1\na = 2", "2:1: 'a' stands already on line 1; keep one"),
            ("a = 1\n\"a\" = 2", "2:1: 'a' stands already on line 1; keep one"),
            ("[a]\n[b]\n[a]", "3:1: this table stands already on line 1; put all its keys there"),
            ("a = 1\n[a.b]", "2:2: 'a' is a value on line 1 already; rename one of them"),
            ("[a.b]\n[a]\nb = 1", "3:1: 'b' stands already on line 1; keep one"),
        ]
    )
    func explainsErrors(text: String, expected: String) {
        #expect(syntaxErrors(text) == [expected])
    }

    @Test("all errors are found in one reading, one for a line")
    func findsAllErrors() {
        let text = """
            a = 1.5
            b = "ok"
            c = [
                1.5, # first
                "fine",
                nope,
            ]
            d =
            [x
            lost = 1
            [y]
            e = "\\q" "more"
            """
        #expect(
            syntaxErrors(text).map { $0.prefix { $0 != " " } } == ["1:5:", "4:5:", "6:5:", "8:4:", "9:3:", "12:6:"]
        )
    }

    @Test("an array without an end does not swallow the lines behind it", arguments: ["next = 1", "[next]", "[ne.xt]"])
    func endsOpenArrays(next: String) {
        let errors = syntaxErrors("key = [\n  \"a\",\n\(next)\nlast = 1.5")
        #expect(errors.map { $0.prefix(4) } == ["1:7:", "4:8:"])
        #expect(errors.first == "1:7: this array has no end; write ']' behind its last value")
    }

    @Test("bytes that are not UTF-8 are named on their lines, and the other lines are checked")
    func namesBrokenBytes() {
        let bytes = Array("a = \"é".utf8) + [0xFF] + Array("\"\nb = 1.5\n# ".utf8) + [0xC3, 0x28]
        #expect(
            TOMLReader.read(bytes).errors.map(\.message) == [
                "these bytes are not UTF-8; save the file as UTF-8",
                "floats are not supported; write an integer, or a string such as \"1500ms\"",
                "these bytes are not UTF-8; save the file as UTF-8",
            ]
        )
        #expect(
            TOMLReader.read(bytes).errors.map(\.position) == [
                SourcePosition(line: 1, column: 7), SourcePosition(line: 2, column: 5),
                SourcePosition(line: 3, column: 3),
            ]
        )
    }

    @Test(
        "deep nesting and long lines neither crash nor take long",
        arguments: ["[", "{", "[{", "\"", "'''", "a.", "=", "[x", "[[\n", " ", "\n [", #"\"""\"#]
    )
    func survivesHostileText(piece: String) {
        let text = String(repeating: piece, count: 20_000) + String(repeating: "a", count: 20_000)
        #expect(!syntaxErrors("key = \(text)").isEmpty)
        #expect(!syntaxErrors("key = [[\n\(text)").isEmpty)
        #expect(!syntaxErrors(text).isEmpty)
    }
}
