/// A point in time as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7, the only form that is still sent).
struct HTTPDate: Equatable {
    /// Since 1970.
    let seconds: Int

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Nil for any other form. The day of the week is not looked at.
    init?(_ value: ArraySlice<UInt8>) {
        let text = Array(value)
        guard text.count == 29, text[3...4].elementsEqual(", ".utf8), text[25...].elementsEqual(" GMT".utf8),
            text[7] == UInt8(ascii: " "), text[11] == UInt8(ascii: " "), text[16] == UInt8(ascii: " "),
            text[19] == UInt8(ascii: ":"), text[22] == UInt8(ascii: ":"),
            let month = Self.months.firstIndex(where: { text[8...10].elementsEqual($0.utf8) }),
            let day = text[5...6].decimal, let year = text[12...15].decimal, let hour = text[17...18].decimal,
            let minute = text[20...21].decimal, let second = text[23...24].decimal,
            (1...31).contains(day), year >= 1970, hour < 24, minute < 60, second <= 60
        else { return nil }
        seconds = Self.days(year, month + 1, day) * 86_400 + hour * 3600 + minute * 60 + second
    }

    /// Days since 1970 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`).
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
