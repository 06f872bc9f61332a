import FPWService
import Testing

@Suite struct VisitorPageTests {
    static let page = VisitorPage(source: "fpwd", status: 504, reason: "upstream-timeout", message: "<a> & \"b\"")

    @Test("a page is HTML, and shows nothing as markup that is none")
    func html() {
        let (contentType, text) = Self.page.rendered(accept: nil)
        #expect(contentType == "text/html; charset=utf-8")
        #expect(
            text == """
                <!doctype html>
                <html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
                <title>504 The web service did not answer in time</title>
                <style>:root{color-scheme:light dark}body{font:1.1em/1.5 system-ui,sans-serif;max-width:34em;\
                margin:15vh auto;padding:0 1em}small{opacity:.6}</style>
                <h1>The web service did not answer in time</h1>
                <p>&lt;a&gt; &amp; "b"</p>
                <p><small>504 · upstream-timeout · fpwd</small></p>
                </html>

                """)
    }

    @Test("a program gets JSON")
    func json() {
        let (contentType, text) = Self.page.rendered(accept: "application/json")
        #expect(contentType == "application/json")
        #expect(
            text == #"{"message":"<a> & \"b\"","reason":"upstream-timeout","source":"fpwd","status":504}"# + "\n")
    }

    @Test(
        "JSON is for those who name it, and name it before HTML",
        arguments: [
            (nil, false), ("", false), ("*/*", false), ("text/html", false), ("text/plain", false),
            ("application/json", true), ("Application/JSON", true), ("application/problem+json", true),
            ("application/json, text/html", true), ("text/html, application/json", false),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false), ("application/json, */*", true),
        ])
    func form(accept: String?, isJSON: Bool) {
        #expect((Self.page.rendered(accept: accept).contentType == "application/json") == isJSON)
    }

    @Test(
        "each status has its title",
        arguments: [
            (400, "Bad request"), (404, "There is no site here"), (413, "Content too large"), (414, "Address too long"),
            (431, "Request header fields too large"), (501, "Not implemented"),
            (502, "The web service cannot be reached"), (503, "The web service is not available now"),
            (504, "The web service did not answer in time"), (505, "HTTP version not supported"),
            (508, "Loop detected"),
        ])
    func titles(status: Int, title: String) {
        let text = VisitorPage(source: "s", status: status, reason: "r", message: "m").rendered(accept: nil).text
        #expect(text.contains("<title>\(status) \(title)</title>"))
    }
}
