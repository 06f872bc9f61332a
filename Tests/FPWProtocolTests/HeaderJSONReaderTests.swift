import Testing

@testable import FPWProtocol

@Suite("fpw-header is read")
struct HeaderJSONReaderTests {
    @Test(
        "as an object of strings and arrays of strings",
        arguments: [
            ("{}", [:]),
            (" \t\r\n{ \n} ", [:]),
            (#"{"a":"b"}"#, ["a": "b"]),
            (#" { "Accept" : "x" , "Host" : "y" } "#, ["Accept": "x", "Host": "y"]),
            (#"{"a":""}"#, ["a": ""]),
            (#"{"Set-Cookie":["a=1","b=2"],"x":"y"}"#, ["Set-Cookie": "a=1", "Set-Cookie": "b=2", "x": "y"]),
            (#"{"a":[ "b" , "c" ]}"#, ["a": "b", "a": "c"]),
            (#"{"a":[],"b":"c"}"#, ["b": "c"]),
            (#"{"a":["b"]}"#, ["a": "b"]),
            (#"{"Cookie":"a","cookie":["b"],"COOKIE":"c"}"#, ["Cookie": "a", "cookie": "b", "COOKIE": "c"]),
            (#"{"\u0061\u002db":"c"}"#, ["a-b": "c"]),
            (#"{"a":"\"\\\/"}"#, ["a": #""\/"#]),
            (#"{"a":"1\t2\u00092"}"#, ["a": "1\t2\t2"]),
            (#"{"a":" \t b c \t"}"#, ["a": "b c"]),
            (#"{"a":"  "}"#, ["a": ""]),
            (#"{"a":"x\u007e\u0020y"}"#, ["a": "x~ y"]),
        ] as [(String, HeaderFields)]
    )
    func readsObjects(json: String, fields: HeaderFields) throws {
        #expect(try HeaderJSON.decode(json.bytes) == fields)
    }

    @Test(
        "with one byte for a code point up to U+00FF, and UTF-8 where a value holds one above",
        arguments: [
            (#"\u00e9"#, [0xE9]),
            ("é", [0xE9]),
            (#"\u0080\u00ff"#, [0x80, 0xFF]),
            ("a\u{80}\u{FF}z", [0x61, 0x80, 0xFF, 0x7A]),
            (#"\u00c3\u00a9"#, [0xC3, 0xA9]),
            (#"\u0100"#, [0xC4, 0x80]),
            ("é中", Array("é中".utf8)),
            (#"\u00e9\u4e2d"#, Array("é中".utf8)),
            (#"\ud83d\ude00"#, Array("😀".utf8)),
            ("😀", Array("😀".utf8)),
            (#"\ud800\udc00\udbff\udfff"#, Array("\u{10000}\u{10FFFF}".utf8)),
        ] as [(String, [UInt8])]
    )
    func readsNonASCII(value: String, bytes: [UInt8]) throws {
        let fields = try HeaderJSON.decode(#"{"a":"\#(value)"}"#.bytes)
        #expect(fields.map { Array($0.value) } == [bytes])
    }

    @Test(
        "and refused where it is no JSON",
        arguments: [
            (#"{"a":"b"#, 7), (#"{"a":"b""#, 8), (#"{"a":"#, 5), (#"{"a""#, 4), (#"{"a"#, 3), ("{", 1),
            (#"{"a":"b"}x"#, 9),
            (#"{"a":"b"}{}"#, 9), (#"{"a":"b",}"#, 9), (#"{,"a":"b"}"#, 1), (#"{"a":"b","c"}"#, 12), (#"{"a","b"}"#, 4),
            (#"{"a":"b" "c":"d"}"#, 9), (#"{a:"b"}"#, 1), (#"{'a':"b"}"#, 1), (#"{"a":'b'}"#, 5), (#"{"a":}"#, 5),
            (#"{"a":["b",]}"#, 10), (#"{"a":["b"}"#, 9), (#"{"a":["b""c"]}"#, 9), (#"{"a":["#, 6),
            (#"{"a":[,"b"]}"#, 6),
            (#"{"a":["b"]"#, 10), (#"{"a":x}"#, 5), (#"{"a":"b"}"# + "\u{0}", 9), ("{\u{FEFF}}", 1),
            ("{\"a\":\"b\nc\"}", 7), ("{\"a\":\"\t\"}", 6), ("{\"a\":\"\u{0}\"}", 6), (#"{"a":"\x"}"#, 7),
            (#"{"a":"\"#, 7), (#"{"a":"\u"#, 8), (#"{"a":"\u12g4"}"#, 10), (#"{"a":"\u123"#, 11),
            (#"{"a":"\u12"}"#, 10),
            (#"{"a":"\U0041"}"#, 7), (#"{"a":"\'"}"#, 7), ("{\"a\":\"b\"/**/}", 8), ("{\"a\":\"b\"}//", 9),
        ]
    )
    func refusesBadSyntax(json: String, offset: Int) {
        #expect(throws: HeaderJSONError.syntax(offset: offset)) { try HeaderJSON.decode(json.bytes) }
    }

    @Test(
        "and refused where a surrogate stands alone",
        arguments: [
            #"\ud800"#, #"\udc00"#, #"\ud800\ud800"#, #"\ud800x"#, #"\ud800\n"#, #"\udfff\ud800"#, #"\ud83d \ude00"#,
            #"\ud83d\u0041"#, #"\ud83d\\ude00"#,
        ]
    )
    func refusesLoneSurrogates(value: String) {
        #expect { try HeaderJSON.decode(#"{"a":"\#(value)"}"#.bytes) } throws: { $0.isSyntaxError }
    }

    @Test(
        "and refused where a string is not UTF-8",
        arguments: [
            [0x80], [0xBF], [0xC0, 0xAF], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE4, 0xB8], [0xE0, 0x80, 0xAF],
            [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0xAF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE],
            [0xFF],
        ] as [[UInt8]]
    )
    func refusesInvalidUTF8(bytes: [UInt8]) {
        for tail in ["\"}", "z\"}", ""] {
            let json = #"{"a":""#.bytes + bytes + tail.bytes
            #expect { try HeaderJSON.decode(json) } throws: { $0.isSyntaxError }
        }
    }

    @Test(
        "and refused where it is no object",
        arguments: ["", " ", "[]", "null", "1", #""a""#, #"[{"a":"b"}]"#, "\u{FEFF}{}"])
    func refusesOtherTypes(json: String) {
        #expect(throws: HeaderJSONError.notAnObject) { try HeaderJSON.decode(json.bytes) }
    }

    @Test(
        "and refused where a value is neither a string nor an array of strings",
        arguments: ["1", "-1", "null", "true", "false", "{}", #"{"b":"c"}"#, "[1]", "[[]]", #"["b",null]"#, "[{}]"]
    )
    func refusesOtherValues(value: String) {
        #expect(throws: HeaderJSONError.badType(name: "a")) { try HeaderJSON.decode(#"{"a":\#(value)}"#.bytes) }
    }

    @Test(
        "and refused where a key stands twice, however it is written",
        arguments: [
            #"{"a":"b","a":"c"}"#, #"{"a":"b","a":"b"}"#, #"{"a":"b","\u0061":"c"}"#, #"{"a":[],"a":"c"}"#,
            #"{"a":["b"],"x":"y","a":[]}"#, #"{"a":[],"a":[]}"#,
        ]
    )
    func refusesDuplicates(json: String) {
        #expect(throws: HeaderJSONError.duplicate(name: "a")) { try HeaderJSON.decode(json.bytes) }
    }

    @Test(
        "and refused where a name is no token",
        arguments: [
            "", " ", "a b", "a:", "a\\r\\nb", "a\\u0000", "é", "中", "\\u00e9", "(a)", "a,b", "a/b", "a\\u007f", " a",
            "a@b",
        ]
    )
    func refusesBadNames(name: String) {
        #expect(throws: HeaderJSONError.badName) { try HeaderJSON.decode(#"{"\#(name)":"b"}"#.bytes) }
    }

    @Test(
        "and refused where a value holds a control character, at any place",
        arguments: [
            #"\r\nx-evil: 1"#, #"a\r"#, #"a\n"#, #"a\u0000b"#, #"\u0001"#, #"a\u001fb"#, #"a\u007f"#, #"\b"#, #"\f"#,
            #"a\r\n b"#, #"0123456701234567\u000001234567"#, "0123\u{7F}", #"中\n"#, #"é\u0000"#, #"\n"#, #"\u000b"#,
        ]
    )
    func refusesControlCharacters(value: String) {
        for json in [#"{"a":"\#(value)"}"#, #"{"a":["x","\#(value)"]}"#] {
            #expect(throws: HeaderJSONError.badValue(name: "a")) { try HeaderJSON.decode(json.bytes) }
        }
    }

    @Test("and refused beyond 256 fields or 1 MiB")
    func isBounded() throws {
        func object(_ count: Int) -> String { "{" + (0..<count).map { "\"h\($0)\":\"\"" }.joined(separator: ",") + "}" }
        func array(_ count: Int) -> String {
            #"{"a":["# + Array(repeating: #""""#, count: count).joined(separator: ",") + "]}"
        }
        #expect(try HeaderJSON.decode(object(256).bytes).count == 256)
        #expect(throws: HeaderJSONError.tooManyFields) { try HeaderJSON.decode(object(257).bytes) }
        #expect(try HeaderJSON.decode(array(256).bytes).count == 256)
        #expect(throws: HeaderJSONError.tooManyFields) { try HeaderJSON.decode(array(257).bytes) }
        let emptyArrays = object(257).split(separator: #""""#).joined(separator: "[]")
        #expect(throws: HeaderJSONError.tooManyFields) { try HeaderJSON.decode(emptyArrays.bytes) }
        let long = #"{"a":""# + String(repeating: "x", count: (1 << 20) - 8) + #""}"#
        #expect(try HeaderJSON.decode(long.bytes).byteCount == (1 << 20) - 7)
        #expect(throws: HeaderJSONError.tooLarge) { try HeaderJSON.decode((long + " ").bytes) }
    }

    @Test("from a slice that does not begin at 0")
    func readsSlices() throws {
        let bytes = #"xxx{"a":"é\n"}"#.bytes
        #expect(throws: HeaderJSONError.badValue(name: "a")) { try HeaderJSON.decode(bytes[3...]) }
        #expect(throws: HeaderJSONError.syntax(offset: 8)) { try HeaderJSON.decode(bytes[3..<11]) }
    }
}

extension String {
    var bytes: ArraySlice<UInt8> { Array(utf8)[...] }
}

extension Error {
    var isSyntaxError: Bool {
        if case .syntax? = self as? HeaderJSONError { true } else { false }
    }
}
