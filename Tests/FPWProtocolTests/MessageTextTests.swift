import Testing

@testable import FPWProtocol

@Suite("A peer's message becomes one line")
struct MessageTextTests {
    @Test(
        "of clean text",
        arguments: [
            ("plain", "plain"),
            ("", ""),
            ("  a\r\n\tb\u{0}c  ", "a b c"),
            ("\u{1B}[31mred\u{1B}[0m", "[31mred [0m"),
            ("a\u{202E}b\u{200B}c", "abc"),
            ("a\u{2028}b\u{A0}c", "a b c"),
            ("a\u{85}b\u{9B}c", "a b c"),
            ("服务器 忙", "服务器 忙"),
        ]
    )
    func cleans(text: String, line: String) {
        #expect(MessageText.clean(text.bytes) == line)
    }

    @Test("of the first 4 KiB, however long the text is")
    func bounds() {
        let page = "<html>" + String(repeating: "<script", count: 20_000) + "<title>late</title>"
        #expect(MessageText.clean(page.bytes) == "web page:")
        #expect(MessageText.clean((String(repeating: " ", count: 4095) + "ab").bytes) == "a")
    }

    @Test("of repaired text where it is not UTF-8")
    func repairs() {
        #expect(MessageText.clean([0x61, 0xFF, 0x62]) == "a\u{FFFD}b")
    }

    @Test(
        "of a JSON message",
        arguments: [
            (#"{"msg":"token expired"}"#, "token expired"),
            (#" {"code":1,"data":{"x":[]},"msg" : "令牌过期\nx"}"#, "令牌过期 x"),
            (#"{"msg":"\u4ee4\u724c é"}"#, "令牌 é"),
            (#"{"msg":7}"#, #"{"msg":7}"#),
            (#"{"msg":"cut of"#, #"{"msg":"cut of"#),
            (#"{"msg":"a","x":"cut of"#, "a"),
            (#"["msg","b"]"#, #"["msg","b"]"#),
            (#"{"x":"msg","msg":"b"}"#, "b"),
        ]
    )
    func readsJSON(text: String, line: String) {
        #expect(MessageText.clean(text.bytes) == line)
    }

    @Test(
        "of a web page's title, or its text",
        arguments: [
            (
                "<!DOCTYPE html><html><head><title>Hotel WiFi\n Login</title></head><body>x</body></html>",
                "web page \"Hotel WiFi Login\""
            ),
            ("\n<HTML><TITLE lang=en> A &amp; B &lt;3 </TITLE>", "web page \"A & B <3\""),
            ("<html><title>cut of", "web page \"cut of\""),
            ("<html><title></title><body><p>Please</p> log&nbsp;in</body>", "web page: Please log in"),
            ("<html><script>var a = '<p>'</script><style>p{}</style>seen<br/>too", "web page: seen too"),
            ("<body><h1>502</h1><hr>nginx", "web page: 502 nginx"),
            ("<html", "web page:"),
            ("<title>&amp;lt;</title>", "web page \"&lt;\""),
            ("a < b", "a < b"),
            ("<xml/>", "<xml/>"),
            ("see <html>", "see <html>"),
        ]
    )
    func readsHTML(text: String, line: String) {
        #expect(MessageText.clean(text.bytes) == line)
    }

    @Test("of 200 characters at the most")
    func cuts() {
        #expect(MessageText.clean(String(repeating: "é", count: 200).bytes) == String(repeating: "é", count: 200))
        #expect(MessageText.clean(String(repeating: "é", count: 201).bytes) == String(repeating: "é", count: 199) + "…")
    }
}
