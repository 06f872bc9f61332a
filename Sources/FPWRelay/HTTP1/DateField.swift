import FPWService
import NIOCore

extension WallClock {
    private static let weekdays: [StaticString] = ["Sun, ", "Mon, ", "Tue, ", "Wed, ", "Thu, ", "Fri, ", "Sat, "]
    private static let months: [StaticString] = [
        " Jan ", " Feb ", " Mar ", " Apr ", " May ", " Jun ", " Jul ", " Aug ", " Sep ", " Oct ", " Nov ", " Dec ",
    ]

    /// Writes `date: Sun, 06 Nov 1994 08:49:37 GMT` and the line's end (RFC 9110 §5.6.7).
    func writeDateField(into buffer: inout ByteBuffer) {
        buffer.writeStaticString("date: ")
        buffer.writeStaticString(Self.weekdays[weekday])
        Self.writeTwoDigits(day, into: &buffer)
        buffer.writeStaticString(Self.months[month - 1])
        Self.writeTwoDigits(year / 100, into: &buffer)
        Self.writeTwoDigits(year % 100, into: &buffer)
        for (separator, number) in [(" ", hour), (":", minute), (":", second)] as [(StaticString, Int)] {
            buffer.writeStaticString(separator)
            Self.writeTwoDigits(number, into: &buffer)
        }
        buffer.writeStaticString(" GMT\r\n")
    }

    private static func writeTwoDigits(_ number: Int, into buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt16(number / 10 << 8 + number % 10 + 0x3030))
    }
}
