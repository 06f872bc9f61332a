import FPWService
import Glibc
import Testing

@Suite struct WallClockTests {
    @Test(
        "seconds since 1970 are a date and a time of day",
        arguments: [
            (0, 0, "1970-01-01T00:00:00.000Z"),
            (951_782_399, 999_999_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400, 1_000_000, "2000-02-29T00:00:00.001Z"),
            (951_868_800, 999_999, "2000-03-01T00:00:00.000Z"),
            (1_735_689_599, 42_000_000, "2024-12-31T23:59:59.042Z"),
            (1_785_416_709, 500_000_000, "2026-07-30T13:05:09.500Z"),
            (4_107_542_399, 0, "2100-02-28T23:59:59.000Z"),
            (4_107_542_400, 0, "2100-03-01T00:00:00.000Z"),
            (-1, 0, "1969-12-31T23:59:59.000Z"),
            (-315_619_201, 0, "1959-12-31T23:59:59.000Z"),
            (-62_167_219_200, 0, "0000-01-01T00:00:00.000Z"),
            (253_402_300_799, 0, "9999-12-31T23:59:59.000Z"),
        ])
    func rfc3339(seconds: Int, nanoseconds: Int, text: String) {
        var bytes: [UInt8] = []
        WallClock(timespec(tv_sec: seconds, tv_nsec: nanoseconds)).appendRFC3339(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }

    @Test(
        "no number of seconds is too large or too small",
        arguments: [Int.min, -62_167_219_201, 253_402_300_800, Int.max])
    func anySecond(seconds: Int) {
        var bytes: [UInt8] = []
        let clock = WallClock(timespec(tv_sec: seconds, tv_nsec: 0))
        clock.appendRFC3339(to: &bytes)
        #expect(bytes.count == 24 && (1...12).contains(clock.month) && (1...31).contains(clock.day))
        #expect((0...6).contains(clock.weekday) && (0...23).contains(clock.hour))
    }

    @Test("every day of four centuries follows the day before it")
    func days() {
        var last = WallClock(timespec(tv_sec: -86_400 + 86_400, tv_nsec: 0))
        for day in 1...146_097 {
            let next = WallClock(timespec(tv_sec: day * 86_400, tv_nsec: 0))
            let follows =
                next.day == last.day + 1 && next.month == last.month
                || next.day == 1 && last.day >= 28 && next.month == last.month % 12 + 1
            #expect(follows && next.weekday == (last.weekday + 1) % 7, "\(next)")
            last = next
        }
        #expect(last == WallClock(timespec(tv_sec: 12_622_780_800, tv_nsec: 0)))
        #expect((last.year, last.month, last.day) == (2370, 1, 1))
    }
}
