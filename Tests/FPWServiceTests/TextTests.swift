import FPWService
import Testing

@Suite struct TextTests {
    struct Value: Encodable {
        let b: String
        let a: [Int?]
    }

    @Test("JSON is one line with its keys in order, and nothing is escaped that need not be")
    func json() {
        #expect(
            JSON.line(Value(b: "https://é/\"\\\u{1}\n", a: [1, nil]))
                == #"{"a":[1,null],"b":"https://é/\"\\\u0001\n"}"# + "\n")
    }

    @Test("a table's columns begin below each other, and its lines end with their last word")
    func table() {
        #expect(
            TextTable.lines([["A", "LONG", "C"], ["longer", "1", "2"], ["é", "", "3"]])
                == ["A       LONG  C", "longer  1     2", "é             3"])
        #expect(TextTable.lines([]) == [])
    }
}
