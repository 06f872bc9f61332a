import Testing

import FPWService

@Suite("base64")
struct Base64Tests {
    @Test("is read as it is written", arguments: ["", "a", "ab", "abc", "ann:s3cret", "\u{FF}\u{0}"])
    func read(text: String) {
        #expect([UInt8](base64: Array(text.utf8).base64) == Array(text.utf8))
    }

    @Test(
        "is read in one way only",
        arguments: [
            "YQ", "YQ=", "YQ===", "YQ====", "YR==", "YWI", "YWJ=", "YWI==", "YWJj=", "=", "====", "YQ==YQ==", "YQ==x",
            " YQ==", "Y\nQ==", "YQ==\n", "YQ%3D%3D", "_-__", "Ü===",
        ])
    func refused(text: String) {
        #expect([UInt8](base64: text) == nil)
    }
}
