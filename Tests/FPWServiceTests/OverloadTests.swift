@testable import FPWService
import NIOCore
import Testing

@Suite struct OverloadTests {
    @Test("what happens again and again is told at once, and then together once a minute")
    func folding() {
        var folding = Folding()
        let start = NIODeadline.uptimeNanoseconds(0)
        let reports = [(0, 1), (1, 2), (59, 3), (60, 4), (61, 5), (200, 6)].map { second, count in
            folding.note(count, at: start + .seconds(second))
        }
        #expect(reports == [1, nil, nil, 9, nil, 11])
    }

    @Test("who is turned away gets a whole answer")
    func answer() {
        #expect(
            OverloadHandler.answer(fields: "a: b\r\n") == """
                HTTP/1.1 503 Service Unavailable\r
                content-type: text/plain; charset=utf-8\r
                retry-after: 1\r
                a: b\r
                connection: close\r
                content-length: 52\r
                \r
                Too many connections. Please try again in a moment.

                """)
    }
}
