/// A line in Apache's combined format: `%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"` (mod_log_config),
/// and the request id as one more field in quotes, which log analysers pass over.
enum CombinedLine {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// What stands as it is between quotes, and in a place that a blank ends.
    private static let quoted: ClosedRange<UInt8> = 0x20...0x7E
    private static let word: ClosedRange<UInt8> = 0x21...0x7E

    /// With its line end.
    static func bytes(_ entry: AccessEntry, at time: WallClock) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        // The format knows no sign for a claimed address.
        append(escaped: entry.address.utf8.dropLast(entry.address.hasSuffix("?") ? 1 : 0), as: word, to: &line)
        line.append(string: " - - [")
        append(time, to: &line)
        line.append(string: "] \"")
        append(escaped: entry.method.utf8, as: word, to: &line)
        line.append(UInt8(ascii: " "))
        append(escaped: entry.target, to: &line)
        line.append(string: " \(entry.version)\" \(entry.status) \(entry.sent == 0 ? "-" : String(entry.sent)) \"")
        append(escaped: entry.referer ?? [UInt8(ascii: "-")], to: &line)
        line.append(string: "\" \"")
        append(escaped: entry.userAgent ?? [UInt8(ascii: "-")], to: &line)
        line.append(string: "\" \"")
        append(escaped: entry.id.utf8, to: &line)
        line.append(string: "\"\n")
        return line
    }

    /// `23/Nov/2026:04:05:06 +0000`.
    private static func append(_ time: WallClock, to line: inout [UInt8]) {
        line.append(decimal: time.day, digits: 2)
        line.append(string: "/\(months[time.month - 1])/")
        line.append(decimal: time.year, digits: 4)
        line.append(UInt8(ascii: ":"))
        time.appendTimeOfDay(to: &line)
        line.append(string: " +0000")
    }

    /// As Apache does: quotes and backslashes by a backslash, everything outside `range` as `\xhh`.
    private static func append(
        escaped bytes: some Sequence<UInt8>, as range: ClosedRange<UInt8> = quoted, to line: inout [UInt8]
    ) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): line += [UInt8(ascii: "\\"), byte]
            case range: line.append(byte)
            default: line.append(string: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
            }
        }
    }
}
