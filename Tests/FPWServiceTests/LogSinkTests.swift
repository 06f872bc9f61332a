import FPWService
import Glibc
import Logging
import TestSupport
import Testing

@Suite struct LogSinkTests {
    /// The lines without the time before them.
    static func messages(_ pipe: Pipe, _ count: Int) -> [String] {
        pipe.readLines(count).map { String($0.dropFirst("2026-07-30T13:05:09.500Z ".count)) }
    }

    @Test("a logger's line carries its own, the provider's and the call's metadata, the call's before the others")
    func metadata() {
        let pipe = Pipe()
        let sink = LogSink(LogStyle(.text), descriptor: pipe.writingEnd)
        var logger = sink.logger("fpwd")
        logger[metadataKey: "own"] = "1"
        logger[metadataKey: "both"] = "1"
        logger.info("up", metadata: ["both": "2", "a": "two words"])
        #expect(Self.messages(pipe, 1) == ["info     up a=\"two words\" both=2 own=1"])
    }

    @Test("a reload's level counts at once, for every logger that has none of its own")
    func level() {
        let pipe = Pipe()
        let sink = LogSink(LogStyle(.text), level: .warning, descriptor: pipe.writingEnd)
        let logger = sink.logger("a")
        var chatty = sink.logger("b")
        chatty.logLevel = .trace
        logger.notice("not written")
        chatty.debug("chatty")
        sink.level = .notice
        logger.notice("written")
        sink.write(.info, "not written") { _ in Issue.record("the fields of a line that is not written were asked for")
        }
        sink.write(.error, "line") { $0.add("n", 1) }
        #expect(Self.messages(pipe, 3) == ["debug    chatty", "notice   written", "error    line n=1"])
        #expect(sink.level == .notice)
    }

    @Test("lines that nobody reads are dropped and counted, and the caller is never held up")
    func full() {
        let pipe = Pipe()
        let sink = LogSink(LogStyle(.text), descriptor: pipe.writingEnd, capacity: 10_000)
        let filler = String(repeating: "x", count: 1000)
        for _ in 0..<1000 { sink.write(.info, filler) { _ in } }
        let dropped = sink.dropped
        #expect(dropped > 800)
        let received = pipe.readLines(1000 - dropped)
        #expect(received.count == 1000 - dropped)
        #expect(received.allSatisfy { $0.hasSuffix(filler) })
        sink.write(.info, "again") { _ in }
        #expect(Self.messages(pipe, 1) == ["info     again"])
        #expect(sink.dropped == dropped)
    }

    @Test("a flush returns when everything is written")
    func flush() {
        let pipe = Pipe()
        let sink = LogSink(LogStyle(.text), descriptor: pipe.writingEnd)
        for _ in 0..<100 { sink.write(.info, "line") { _ in } }
        sink.flush(within: .seconds(60))
        #expect(pipe.read().split(separator: "\n").count == 100)
    }

    @Test("a flush of what nobody reads gives up in time")
    func flushGivesUp() {
        let pipe = Pipe()
        let sink = LogSink(LogStyle(.text), descriptor: pipe.writingEnd)
        let filler = String(repeating: "x", count: 100_000)
        sink.write(.info, filler) { _ in }
        sink.flush(within: .milliseconds(1))
        #expect(pipe.readLines(1).count == 1)
    }

    @Test("a closed descriptor loses lines, counted, and nothing else")
    func closed() {
        ProcessSetup.ignoreBrokenPipes()
        var ends: [Int32] = [-1, -1]
        pipe(&ends)
        close(ends[0])
        let sink = LogSink(LogStyle(.text), descriptor: ends[1])
        for _ in 0..<3 { sink.write(.info, "line") { _ in } }
        sink.flush(within: .seconds(60))
        #expect(sink.dropped == 3)
        close(ends[1])
    }
}

@Suite struct LogStyleTests {
    static func suiting(_ pipe: Pipe, _ format: LogStyle.Format, _ environment: [String: String]) -> LogStyle {
        LogStyle.suiting(pipe.writingEnd, format: format) { environment[$0] }
    }

    @Test("the journal is recognised by its stream's device and inode")
    func journal() {
        let pipe = Pipe()
        var status = stat()
        fstat(pipe.writingEnd, &status)
        let own = "\(status.st_dev):\(status.st_ino)"
        #expect(Self.suiting(pipe, .json, ["JOURNAL_STREAM": own]) == LogStyle(.json, isForJournal: true))
        #expect(Self.suiting(pipe, .text, ["JOURNAL_STREAM": "\(own)0"]) == LogStyle(.text))
        #expect(Self.suiting(pipe, .text, [:]) == LogStyle(.text))
    }

    @Test(
        "colours are for terminals, for text, and not where NO_COLOR is set",
        arguments: [
            (LogStyle.Format.text, [:], true), (.text, ["NO_COLOR": ""], true), (.text, ["NO_COLOR": "1"], false),
            (.json, [:], false),
        ] as [(LogStyle.Format, [String: String], Bool)])
    func colours(format: LogStyle.Format, environment: [String: String], isColoured: Bool) throws {
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        defer { close(terminal) }
        try #require(isatty(terminal) == 1)
        let style = LogStyle.suiting(terminal, format: format) { environment[$0] }
        #expect(style == LogStyle(format, isColoured: isColoured))
    }
}
