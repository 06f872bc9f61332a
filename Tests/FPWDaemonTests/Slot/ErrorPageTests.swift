import FPWProtocol
import Testing

@testable import FPWDaemon

@Suite("Error pages")
struct ErrorPageTests {
    private let page = ErrorPage(
        status: 502, reason: "upstream-unreachable", explanation: "The web service is <not> \"running\" & so on.")

    @Test(
        "a page says which form it has, and its reason for machines",
        arguments: [("text/html", "text/html; charset=utf-8"), ("application/json", "application/json")])
    func fields(accept: String, contentType: String) {
        #expect(
            page.rendered(accept: accept).fields == [
                "content-type": contentType, "cache-control": "no-store", "x-fpw-reason": "upstream-unreachable",
            ])
    }

    @Test("a program gets JSON")
    func json() {
        let body = page.rendered(accept: "application/json").body
        #expect(
            String(decoding: body, as: UTF8.self) == """
                {"message":"The web service is <not> \\"running\\" & so on.","reason":"upstream-unreachable",\
                "source":"fpwd","status":502}

                """)
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
