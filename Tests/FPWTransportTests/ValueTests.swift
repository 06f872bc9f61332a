import Testing

@testable import FPWTransport

@Suite("Moments and header lines")
struct ValueTests {
    @Test("a moment that would overflow is the distant future")
    func overflow() {
        #expect(Moment.distantFuture + .seconds(1) == .distantFuture)
        #expect(Moment(nanoseconds: 5) + .seconds(Int64.max) == .distantFuture)
        #expect(Moment(nanoseconds: 5) + .nanoseconds(3) == Moment(nanoseconds: 8))
        #expect(Moment(nanoseconds: 8) - Moment(nanoseconds: 5) == .nanoseconds(3))
    }

    @Test(
        "durations are whole nanoseconds, and milliseconds are cut",
        arguments: [
            (Duration.seconds(2), 2_000_000_000, 2000), (.milliseconds(1), 1_000_000, 1),
            (.nanoseconds(1_999_999), 1_999_999, 1),
            (.seconds(Int64.max), .max, 9_223_372_036_854), (.zero, 0, 0),
        ])
    func duration(duration: Duration, nanoseconds: Int64, milliseconds: Int) {
        #expect(duration.nanoseconds == nanoseconds)
        #expect(duration.milliseconds == milliseconds)
    }

    @Test("an empty value has libcurl's own spelling")
    func emptyValue() {
        let lines: HeaderLines = ["a": "1", "b": ""]
        #expect(lines.bytes == Array("a: 1\0b;\0".utf8))
        #expect(lines.count == 2)
    }

    @Test(
        "fields share an item, but for those that libcurl looks for and empty ones",
        arguments: ["host", "Host", "accept", "Content-Type"])
    func sharedItems(name: String) {
        let lines: HeaderLines = [
            "a": "1", "b": "2", name: "3", "\(name)s": "4", "c": "5", "d": "", "e": "6", "f": "7",
        ]
        let items = ["a: 1\r\nb: 2", "\(name): 3", "\(name)s: 4\r\nc: 5", "d;", "e: 6\r\nf: 7"]
        #expect(lines.bytes == items.flatMap { Array($0.utf8) + [0] })
        #expect(lines.count == items.count)
    }
}
