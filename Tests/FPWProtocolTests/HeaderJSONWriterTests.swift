import TestSupport
import Testing

@testable import FPWProtocol

@Suite("fpw-header is written")
struct HeaderJSONWriterTests {
    @Test(
        "as one object, with an array where a name repeats",
        arguments: [
            ([:], "{}"),
            (["a": "b"], #"{"a":"b"}"#),
            (["Content-Type": "text/html", "ETag": "\"x\""], #"{"Content-Type":"text/html","ETag":"\"x\""}"#),
            (["a": ""], #"{"a":""}"#),
            (["a": #"\"#], #"{"a":"\\"}"#),
            (["a": "\t"], #"{"a":"\u0009"}"#),
            (["a": "/"], #"{"a":"/"}"#),
            (
                ["Set-Cookie": "a", "x": "y", "set-cookie": "b", "SET-COOKIE": "c"],
                #"{"Set-Cookie":["a","b","c"],"x":"y"}"#
            ),
            (["x": "1", "y": "2", "X": "3", "Y": "4"], #"{"x":["1","3"],"y":["2","4"]}"#),
            (["a": "\u{7F}"], #"{"a":"\u007f"}"#),
        ] as [(HeaderFields, String)]
    )
    func writesObjects(fields: HeaderFields, json: String) throws {
        #expect(String(decoding: try HeaderJSON.encode(fields), as: UTF8.self) == json)
    }

    @Test("in pure ASCII, a byte above it as \\u00XX")
    func writesNonASCII() throws {
        var fields = HeaderFields()
        fields.append(name: "a", value: [0x80, 0x61, 0xFF, 0xC3, 0xA9])
        #expect(String(decoding: try HeaderJSON.encode(fields), as: UTF8.self) == #"{"a":"\u0080a\u00ff\u00c3\u00a9"}"#)
    }

    @Test("up to 64 KiB as written and 256 fields")
    func keepsToTheLimits() throws {
        let overhead = #"{"a":""}"#.utf8.count
        let largest = String(repeating: "x", count: (64 << 10) - overhead)
        #expect(try HeaderJSON.encode(["a": largest]).count == 64 << 10)
        #expect(throws: HeaderJSONError.tooLarge) { try HeaderJSON.encode(["a": largest + "x"]) }
        let escaped = String(repeating: "\"", count: (64 << 10) - overhead)
        #expect(throws: HeaderJSONError.tooLarge) { try HeaderJSON.encode(["a": escaped]) }
        var fields = HeaderFields()
        for index in 0..<256 { fields.append(name: "h\(index)", value: "") }
        #expect(try HeaderJSON.decode(HeaderJSON.encode(fields)[...]) == fields)
        fields.append(name: "one-more", value: "")
        #expect(throws: HeaderJSONError.tooManyFields) { try HeaderJSON.encode(fields) }
    }

    @Test("so that every byte of a value comes back", arguments: 0..<200 as Range<UInt64>)
    func loosesNothing(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var fields = HeaderFields()
        for index in 0..<Int.random(in: 0...20, using: &random) {
            let value = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }.filter { HeaderSyntax.isValue([$0].span) }
            fields.append(name: "name-\(index)", value: value[...].trimmingBlanks)
        }
        let json = try HeaderJSON.encode(fields)
        #expect(json.allSatisfy { (0x20..<0x7F).contains($0) })
        #expect(try HeaderJSON.decode(json[...]) == fields)
    }
}

@Suite("Eight bytes at once")
struct WordsTests {
    @Test("find the first special byte of JSON where looking at each byte finds it")
    func agreesWithBytes() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<20_000 {
            var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: Int.random(in: 0...30, using: &random))
            for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let start = Int.random(in: 0...bytes.count, using: &random)
            let special = Set([UInt8(ascii: "\""), UInt8(ascii: "\\")]).union(0..<0x20).union(0x7F...0xFF)
            let expected = bytes[start...].firstIndex(where: special.contains) ?? bytes.count
            #expect(bytes.span.endOfPlainJSON(from: start) == expected, "\(bytes)")
        }
    }

    @Test("tell whether a field value is sound where looking at each byte tells it")
    func agreesOnValues() {
        for length in [1, 7, 8, 9, 17, 24] {
            for position in 0..<length {
                for byte in UInt8.min...UInt8.max {
                    var bytes = [UInt8](repeating: 0xE9, count: length)
                    bytes[position] = byte
                    let isSound = byte >= 0x20 && byte != 0x7F || byte == 0x09
                    #expect(HeaderSyntax.isValue(bytes.span) == isSound, "\(byte) at \(position) of \(length)")
                }
            }
        }
    }
}
