import Logging
import TestSupport
import Testing

@testable import FPWService

@Suite("Complaints that repeat")
struct LogFoldTests {
    private let kind = LogFold.Kind(level: .warning, logger: "tunnel", message: "no answer", tunnel: "blog")
    private static let second = 1_000_000

    @Test("the first five of a minute are written, and the rest is one line with their number")
    func folds() {
        var fold = LogFold()
        let admitted = (0..<417).map { number in fold.admits(kind, at: number * 1000) }
        #expect(admitted == (0..<417).map { $0 < 5 })
        #expect(fold.nextDue == LogFold.window)
        let early = fold.due(at: LogFold.window - 1)
        #expect(early == [])
        let summaries = fold.due(at: LogFold.window)
        #expect(summaries == [LogFold.Summary(kind: kind, count: 412, seconds: 60)])
        #expect(summaries.map(\.message) == ["no answer … 412 times in 60 s"])
        #expect(fold.nextDue == nil)
        let isAdmittedAgain = fold.admits(kind, at: LogFold.window)
        #expect(isAdmittedAgain)
    }

    @Test("few are not summed up")
    func few() {
        var fold = LogFold()
        let admitted = (1...5).map { _ in fold.admits(kind, at: 0) }
        #expect(admitted == [true, true, true, true, true])
        #expect(fold.nextDue == nil)
        let summaries = fold.due(at: LogFold.window)
        #expect(summaries == [])
    }

    @Test("another tunnel's are counted apart")
    func tunnels() {
        var fold = LogFold()
        var other = kind
        other.tunnel = "shop"
        for _ in 1...6 { _ = fold.admits(kind, at: 0) }
        let isAdmitted = fold.admits(other, at: 0)
        #expect(isAdmitted)
    }

    @Test("at the end what was counted is said at once")
    func end() {
        var fold = LogFold()
        for _ in 1...7 { _ = fold.admits(kind, at: 0) }
        let summaries = fold.due(at: 3 * Self.second, all: true)
        #expect(summaries == [LogFold.Summary(kind: kind, count: 2, seconds: 3)])
    }

    @Test("a sink writes five and, when it is flushed, their number; what is no complaint is never folded")
    func sink() {
        let pipe = Pipe()
        let sink = LogSink(LogStyle(.text), descriptor: pipe.writingEnd)
        var logger = sink.logger("tunnel")
        logger[metadataKey: "tunnel"] = "blog"
        for number in 1...9 { logger.warning("no answer", metadata: ["number": "\(number)"]) }
        for _ in 1...9 { logger.notice("open") }
        sink.flush()
        let lines = LogSinkTests.messages(pipe, 15)
        #expect(lines.prefix(5) == (1...5).map { "warning  no answer number=\($0) tunnel=blog" }[...])
        #expect(lines[5..<14].allSatisfy { $0 == "notice   open tunnel=blog" })
        #expect(lines.last == "warning  no answer … 4 times in 1 s tunnel=blog")
    }
}
