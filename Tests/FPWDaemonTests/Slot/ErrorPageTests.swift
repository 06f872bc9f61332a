import FPWProtocol
import Testing

@testable import FPWDaemon

@Suite("Error pages")
struct ErrorPageTests {
    private let page = ErrorPage(
        status: 502, reason: "upstream-unreachable", explanation: "The web service is <not> \"running\" & so on.")

    private func text(_ accept: String?) -> String {
        String(decoding: page.rendered(accept: accept).body, as: UTF8.self)
    }

    @Test("a browser gets a small page that says what is wrong, with nothing of it taken for markup")
    func html() {
        #expect(
            text("text/html,*/*;q=0.8") == """
                <!doctype html>
                <html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
                <title>502 The web service cannot be reached</title>
                <style>:root{color-scheme:light dark}body{font:1.1em/1.5 system-ui,sans-serif;max-width:34em;margin:15vh auto;padding:0 1em}small{opacity:.6}</style>
                <h1>The web service cannot be reached</h1>
                <p>The web service is &lt;not&gt; "running" &amp; so on.</p>
                <p><small>502 · upstream-unreachable · fpwd</small></p>
                </html>

                """)
        #expect(
            page.rendered(accept: nil).fields == [
                "content-type": "text/html; charset=utf-8", "cache-control": "no-store",
                "x-fpw-reason": "upstream-unreachable",
            ])
    }

    @Test("a program gets JSON")
    func json() {
        #expect(
            text("application/json") == """
                {"status":502,"reason":"upstream-unreachable",\
                "message":"The web service is <not> \\"running\\" & so on."}

                """)
        #expect(
            page.rendered(accept: "application/json").fields == [
                "content-type": "application/json", "cache-control": "no-store", "x-fpw-reason": "upstream-unreachable",
            ])
    }

    @Test(
        "JSON is for those who name it, and name it before HTML",
        arguments: [
            (nil, false), ("", false), ("*/*", false), ("text/html", false), ("text/plain", false),
            ("application/json", true), ("Application/JSON", true), ("application/problem+json", true),
            ("application/json, text/html", true), ("text/html, application/json", false),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false), ("application/json, */*", true),
        ])
    func prefersJSON(accept: String?, isJSON: Bool) {
        #expect(ErrorPage.prefersJSON(accept) == isJSON)
    }

    @Test(
        "each status has its title",
        arguments: [
            (400, "Bad request"), (413, "Content too large"), (431, "Request header fields too large"),
            (501, "Not implemented"), (502, "The web service cannot be reached"),
            (503, "The web service cannot be reached"), (504, "The web service did not answer in time"),
            (508, "Loop detected"),
        ])
    func titles(status: Int, title: String) {
        let body = ErrorPage(status: status, reason: "r", explanation: "e").rendered(accept: nil).body
        #expect(String(decoding: body, as: UTF8.self).contains("<title>\(status) \(title)</title>"))
    }

    @Test("a refusal's page has its status, reason and explanation")
    func refusal() {
        #expect(
            ErrorPage(.upgrade)
                == ErrorPage(
                    status: 501, reason: "upgrade",
                    explanation: "This tunnel does not carry WebSocket or other protocol upgrades."))
    }
}
