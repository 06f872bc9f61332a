package import Glibc

/// A date and a time of day in UTC, taken apart without a library: log lines and `Date` fields need one each.
package struct WallClock: Equatable, Sendable {
    package let year: Int
    /// 1…12
    package let month: Int
    /// 1…31
    package let day: Int
    /// 0 is Sunday.
    package let weekday: Int
    package let hour: Int
    package let minute: Int
    package let second: Int
    package let millisecond: Int

    /// From seconds, which may be negative, and nanoseconds since 1970.
    package init(_ time: timespec) {
        let (days, secondOfDay) = time.tv_sec.dividedDown(by: 86_400)
        (year, month, day) = Self.civil(fromDays: days)
        weekday = (days + 4).dividedDown(by: 7).remainder
        hour = secondOfDay / 3600
        minute = secondOfDay / 60 % 60
        second = secondOfDay % 60
        millisecond = time.tv_nsec / 1_000_000
    }

    package static var now: WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallClock(time)
    }

    /// Days since 1970 to a date of the Gregorian calendar, by eras of 400 years whose years begin in March
    /// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`).
    private static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
        let (era, dayOfEra) = (days + 719_468).dividedDown(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}

extension WallClock {
    /// Appends `2026-01-31T09:05:00.042Z` (RFC 3339), which has room for the years 0 to 9999 only.
    package func appendRFC3339(to bytes: inout [UInt8]) {
        bytes.append(decimal: year, digits: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(decimal: month, digits: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(decimal: day, digits: 2)
        bytes.append(UInt8(ascii: "T"))
        appendTimeOfDay(to: &bytes)
        bytes.append(UInt8(ascii: "."))
        bytes.append(decimal: millisecond, digits: 3)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// Appends `09:05:00`.
    package func appendTimeOfDay(to bytes: inout [UInt8]) {
        bytes.append(decimal: hour, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(decimal: minute, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(decimal: second, digits: 2)
    }
}

extension Int {
    /// The remainder is never negative.
    fileprivate func dividedDown(by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension [UInt8] {
    /// Appends the number, less its sign, with leading zeros; what does not fit into `digits` is cut from the left.
    mutating func append(decimal number: Int, digits: Int) {
        append(contentsOf: repeatElement(UInt8(ascii: "0"), count: digits))
        var rest = number.magnitude
        for place in 1...digits {
            self[count - place] += UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}
