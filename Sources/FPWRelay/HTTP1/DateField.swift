import FPWService

extension HeadWriter {
    private static let weekdays: [StaticString] = ["Sun, ", "Mon, ", "Tue, ", "Wed, ", "Thu, ", "Fri, ", "Sat, "]
    private static let months: [StaticString] = [
        " Jan ", " Feb ", " Mar ", " Apr ", " May ", " Jun ", " Jul ", " Aug ", " Sep ", " Oct ", " Nov ", " Dec ",
    ]

    /// Writes `date: Sun, 06 Nov 1994 08:49:37 GMT` and the line's end (RFC 9110 §5.6.7).
    mutating func write(dateField time: WallClock) {
        write("date: ")
        write(Self.weekdays[time.weekday])
        write(twoDigits: time.day)
        write(Self.months[time.month - 1])
        write(twoDigits: time.year / 100)
        write(twoDigits: time.year % 100)
        write(" ")
        write(twoDigits: time.hour)
        write(":")
        write(twoDigits: time.minute)
        write(":")
        write(twoDigits: time.second)
        write(" GMT\r\n")
    }
}
