@testable import FPWService
import Glibc
import Logging
import Testing

@Suite struct LogLineTests {
    static let time = WallClock(timespec(tv_sec: 1_785_416_709, tv_nsec: 500_000_000))

    static func line(_ style: LogStyle, _ message: String, _ level: Logger.Level = .info, logger: String? = nil)
        -> LogLine
    {
        LogLine(style, level: level, logger: logger, message: message, at: time)
    }

    static func text(_ line: consuming LogLine) -> String {
        line.end()
        return String(decoding: line.bytes, as: UTF8.self)
    }

    @Test("a text line is aligned up to its message", arguments: Logger.Level.allCases)
    func levels(level: Logger.Level) {
        let padded = level.rawValue + String(repeating: " ", count: 9 - level.rawValue.count)
        #expect(Self.text(Self.line(LogStyle(.text), "up", level)) == "2026-07-30T13:05:09.500Z \(padded)up\n")
    }

    @Test("on a terminal the level is coloured, and nothing else")
    func coloured() {
        let style = LogStyle(.text, isColoured: true)
        #expect(
            Self.text(Self.line(style, "up", .error)) == "2026-07-30T13:05:09.500Z \u{1B}[31merror\u{1B}[0m    up\n")
        #expect(Self.text(Self.line(style, "up", .info)) == "2026-07-30T13:05:09.500Z info     up\n")
    }

    @Test(
        "journald gets the priority first and no time of ours",
        arguments: zip(Logger.Level.allCases, [7, 7, 6, 5, 4, 3, 2]))
    func journal(level: Logger.Level, priority: Int) {
        let line = Self.text(Self.line(LogStyle(.text, isForJournal: true), "up", level))
        #expect(line.hasPrefix("<\(priority)>\(level.rawValue) "))
        #expect(line.hasSuffix(" up\n"))
    }

    @Test(
        "a text value stands bare, or in quotes where it could be misread",
        arguments: [
            ("plain", "plain"), ("a:b/c?d&e,f;[g]", "a:b/c?d&e,f;[g]"), ("", "\"\""), ("two words", "\"two words\""),
            ("a=b", "\"a=b\""), ("say \"hi\"", "\"say \\\"hi\\\"\""), ("back\\slash", "\"back\\\\slash\""),
            ("a\nb\rc\td", "\"a\\nb\\rc\\td\""), ("\u{1B}[31m", "\"\\u001b[31m\""),
            ("a\0\u{7F}", "\"a\\u0000\\u007f\""),
            ("\u{80}\u{9B}31m\u{9F}", "\"\\u0080\\u009b31m\\u009f\""),
            ("gnp\u{202E}exe\u{2028}\u{2066}", "\"gnp\\u202eexe\\u2028\\u2066\""),
            ("\u{61C}\u{FEFF}", "\"\\u061c\\ufeff\""),
            ("… – “”", "\"… – “”\""), ("👍", "\"👍\""),
            ("grün 字 \u{A0}", "\"grün 字 \u{A0}\""),
        ])
    func textValues(value: String, written: String) {
        var line = Self.line(LogStyle(.text), "m")
        line.add("key", value)
        #expect(Self.text(line) == "2026-07-30T13:05:09.500Z info     m key=\(written)\n")
    }

    @Test(
        "a JSON value is a string of RFC 8259 without control characters",
        arguments: [
            ("plain", "plain"), ("", ""), ("a=b c", "a=b c"), ("say \"hi\\\"", "say \\\"hi\\\\\\\""),
            ("a\nb\rc\td\u{8}", "a\\nb\\rc\\td\\u0008"), ("\u{7F}\u{85}", "\\u007f\\u0085"), ("grün 字", "grün 字"),
        ])
    func jsonValues(value: String, written: String) {
        var line = Self.line(LogStyle(.json), "m")
        line.add("key", value)
        #expect(
            Self.text(line)
                == "{\"time\":\"2026-07-30T13:05:09.500Z\",\"level\":\"info\",\"message\":\"m\",\"key\":\"\(written)\"}\n"
        )
    }

    @Test("a message of several lines stays one line", arguments: [LogStyle.Format.text, .json])
    func message(format: LogStyle.Format) {
        let text = Self.text(Self.line(LogStyle(format), "one\ntwo\u{1B}"))
        #expect(text.contains("one\\ntwo\\u001b"))
        #expect(text.utf8.count { $0 < 0x20 } == 1)
    }

    @Test("bytes of a peer are written as Latin-1", arguments: [LogStyle.Format.text, .json])
    func bytes(format: LogStyle.Format) {
        var line = Self.line(LogStyle(format), "m")
        line.add("raw", bytes: [0x61, 0xC2, 0x80, 0xFF, 0x22, 0x0A])
        #expect(Self.text(line).contains("\"a\\u00c2\\u0080\\u00ff\\\"\\n\""))
    }

    @Test("an access line has its numbers as numbers")
    func numbers() {
        func filled(_ format: LogStyle.Format) -> String {
            var line = Self.line(LogStyle(format), "visit")
            line.add("status", 200)
            line.add("sent", -1)
            line.add("took_ms", milliseconds: .microseconds(1_234_567))
            line.add("wait_ms", milliseconds: .nanoseconds(45_999))
            return Self.text(line)
        }
        #expect(
            filled(.text)
                == "2026-07-30T13:05:09.500Z info     visit status=200 sent=-1 took_ms=1234.567 wait_ms=0.045\n")
        #expect(
            filled(.json)
                == "{\"time\":\"2026-07-30T13:05:09.500Z\",\"level\":\"info\",\"message\":\"visit\",\"status\":200,"
                + "\"sent\":-1,\"took_ms\":1234.567,\"wait_ms\":0.045}\n")
    }

    @Test("nested metadata is nested in JSON, in the order of its keys")
    func nested() {
        let value: Logger.MetadataValue = ["b": ["x", "\"y\""], "a": "\(1)", "c": .dictionary([:])]
        var line = Self.line(LogStyle(.json), "m", .warning, logger: "fpwd")
        line.add("key", value)
        #expect(
            Self.text(line)
                == "{\"time\":\"2026-07-30T13:05:09.500Z\",\"level\":\"warning\",\"logger\":\"fpwd\",\"message\":\"m\","
                + "\"key\":{\"a\":\"1\",\"b\":[\"x\",\"\\\"y\\\"\"],\"c\":{}}}\n")
    }
}
