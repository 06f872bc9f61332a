import FPWTransport
import Testing

@testable import FPWDaemon

@Suite("When a reply's POST starts")
struct ReplyStartTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var streams = false
        var needsLength = false
        var isEventStream = false
        var announced: Int?
        var written = 0
        var isFinished = false
        var hasFailed = false
        var at = 0.0
        let decision: ReplyStart.Decision

        var testDescription: String {
            "streams \(streams) needsLength \(needsLength) events \(isEventStream) written \(written) finished \(isFinished)"
        }
    }

    @Test(
        "a relay that streams gets it when there is enough, or after 20 ms, or at its end",
        arguments: [
            Row(streams: true, written: 5, isFinished: true, decision: .start(length: 5)),
            Row(streams: true, isFinished: true, decision: .start(length: 0)),
            Row(streams: true, written: 65535, decision: .wait(until: .at(0.02))),
            Row(streams: true, written: 65536, decision: .start(length: nil)),
            Row(streams: true, announced: 1_000_000, written: 65536, decision: .start(length: 1_000_000)),
            Row(streams: true, at: 0.019, decision: .wait(until: .at(0.02))),
            Row(streams: true, at: 0.02, decision: .start(length: nil)),
            Row(streams: true, announced: 9, at: 0.02, decision: .start(length: 9)),
            Row(streams: true, isEventStream: true, decision: .start(length: nil)),
            Row(streams: true, written: 5, hasFailed: true, at: 1, decision: .broken),
        ])
    func streaming(row: Row) { check(row) }

    @Test(
        "any other relay gets it whole, up to reply_buffer",
        arguments: [
            Row(written: 5, isFinished: true, decision: .start(length: 5)),
            Row(written: 65536, at: 100, decision: .wait(until: .distantFuture)),
            Row(isEventStream: true, written: 5, at: 100, decision: .wait(until: .distantFuture)),
            Row(written: 999_999, decision: .wait(until: .distantFuture)),
            Row(written: 1_000_000, decision: .start(length: nil)),
            Row(announced: 2_000_000, written: 1_000_000, decision: .start(length: 2_000_000)),
            Row(written: 1_000_000, hasFailed: true, decision: .broken),
        ])
    func collecting(row: Row) { check(row) }

    @Test(
        "one that takes no chunks gets it whole, however long",
        arguments: [
            Row(streams: true, needsLength: true, written: 9_000_000, at: 100, decision: .wait(until: .distantFuture)),
            Row(needsLength: true, written: 9_000_000, isFinished: true, decision: .start(length: 9_000_000)),
            Row(needsLength: true, hasFailed: true, decision: .broken),
        ])
    func spooling(row: Row) { check(row) }

    private func check(_ row: Row) {
        let start = ReplyStart(
            relayStreams: row.streams, needsLength: row.needsLength, isEventStream: row.isEventStream, headAt: .at(0),
            replyBuffer: 1_000_000, announced: row.announced)
        #expect(
            start.decide(written: row.written, isFinished: row.isFinished, hasFailed: row.hasFailed, at: .at(row.at))
                == row.decision)
    }
}
