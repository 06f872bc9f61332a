import Testing

@testable import FPWProtocol

@Suite("A date in a header field")
struct HTTPDateTests {
    @Test(
        "is seconds since 1970",
        arguments: [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199), ("Fri, 01 Jan 2100 00:00:00 GMT", 4_102_444_800),
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
        ])
    func reads(text: String, seconds: Int) {
        #expect(HTTPDate(ArraySlice(text.utf8))?.seconds == seconds)
    }

    @Test(
        "of another form is none",
        arguments: [
            "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1969 08:49:37 GMT", "Sun, 06 Moo 1994 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT",
        ])
    func refuses(text: String) {
        #expect(HTTPDate(ArraySlice(text.utf8)) == nil)
    }

    @Test(
        "after which to try again is measured by the answer's own clock",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", .seconds(17)), ("Sun, 06 Nov 1994 08:49:00 GMT", .zero),
            ("soon", nil), ("17", .seconds(17)),
        ] as [(String, Duration?)])
    func retryAfter(value: String, wait: Duration?) {
        let facts = AnswerFacts(
            status: 503, headers: ["date": "Sun, 06 Nov 1994 08:49:20 GMT", "retry-after": value],
            sinceUpload: .seconds(1))
        #expect(facts.reading().answer == .wait(status: 503, retryAfter: wait))
    }
}
