import Glibc
import Logging
import TestSupport
import Testing

@testable import FPWService

@Suite("The access log")
struct AccessLogTests {
    private let entry = AccessEntry(
        id: "r-1", address: "192.0.2.77", method: "GET", target: Array("/a?token=s3cret".utf8), status: 200, sent: 5,
        referer: Array("https://example.org/".utf8), userAgent: Array("curl/8".utf8))

    private func settings(
        _ destination: AccessLogSettings.Destination, _ change: (inout AccessLogSettings) -> Void = { _ in }
    ) -> AccessLogSettings {
        var settings = AccessLogSettings()
        settings.destination = destination
        change(&settings)
        return settings
    }

    private func write(_ entry: AccessEntry, to sink: LogSink) {
        sink.write(entry) { line, shown in
            line.add("id", shown.id)
            line.add("address", shown.address)
            line.add("target", bytes: shown.target)
        }
    }

    @Test("a combined line is Apache's, byte for byte, with the request id behind it")
    func combined() {
        let time = WallClock(timespec(tv_sec: 971_186_136, tv_nsec: 0))
        let line = String(decoding: CombinedLine.bytes(entry, at: time), as: UTF8.self)
        #expect(
            line == """
                192.0.2.77 - - [10/Oct/2000:13:55:36 +0000] "GET /a?token=s3cret HTTP/1.1" 200 5 \
                "https://example.org/" "curl/8" "r-1"

                """)
    }

    @Test("what a visitor writes stays in its place in a combined line")
    func combinedEscapes() {
        var entry = entry
        entry.id = "r\""
        entry.address = "2001:db8::1 - -?"
        entry.method = "GET /\" 200"
        entry.target = Array("/\"\\".utf8)
        entry.referer = nil
        entry.userAgent = [0x0A, 0x41, 0xE9, 0x7F]
        (entry.status, entry.sent) = (499, 0)
        let line = String(decoding: CombinedLine.bytes(entry, at: WallClock(timespec())), as: UTF8.self)
        #expect(
            line == #"""
                2001:db8::1\x20-\x20- - - [01/Jan/1970:00:00:00 +0000] "GET\x20/\"\x20200 /\"\\ HTTP/1.1" 499 - "-" \#
                "\x0aA\xe9\x7f" "r\""

                """#)
    }

    @Test(
        "a masked address is the network's",
        arguments: [
            ("192.0.2.77", "192.0.2.0"), ("192.0.2.77?", "192.0.2.0?"), ("2001:db8:1:2::3", "2001:db8:1::"),
            ("::1", "::"), ("::ffff:192.0.2.7", "::ffff:192.0.2.0"), ("-", "-"), ("unknown", "-"),
        ])
    func masks(address: String, network: String) {
        #expect(AddressMask.network(of: address) == network)
    }

    @Test("among the other lines a visit is an info line, without its query unless that is wanted")
    func amongOthers() {
        let pipe = Pipe()
        let sink = LogSink(LogStyle(.text), descriptor: pipe.writingEnd)
        write(entry, to: sink)
        sink.access = settings(.log) { ($0.showsQuery, $0.masksAddresses) = (true, true) }
        write(entry, to: sink)
        #expect(
            LogSinkTests.messages(pipe, 2) == [
                "info     visit id=r-1 address=192.0.2.77 target=/a",
                "info     visit id=r-1 address=192.0.2.0 target=\"/a?token=s3cret\"",
            ])
    }

    @Test("switched off, no visit is logged, and other lines are")
    func off() {
        let pipe = Pipe()
        let sink = LogSink(LogStyle(.text), descriptor: pipe.writingEnd)
        sink.access = settings(.off)
        write(entry, to: sink)
        sink.write(.info, "other") { _ in }
        #expect(LogSinkTests.messages(pipe, 1) == ["info     other"])
    }

    @Test("a file gets the lines, whatever the level; opened anew after it was renamed it is a new one")
    func file() throws {
        let folder = try #require(mkdtemp(strdup("/tmp/fpw-access-XXXXXX")).map { String(cString: $0) })
        let path = folder + "/access.log"
        defer {
            for file in [path, path + ".1"] { unlink(file) }
            rmdir(folder)
        }
        let sink = LogSink(LogStyle(.text), level: .critical)
        sink.access = settings(.file(path)) { $0.format = .json }
        #expect(sink.wantsVisitorFields)
        var entry = entry
        entry.referer = Array("https://example.org/?code=s3cret".utf8)
        write(entry, to: sink)
        sink.flush()
        #expect(rename(path, path + ".1") == 0)
        write(entry, to: sink)
        sink.flush()
        sink.reopen()
        write(entry, to: sink)
        sink.access = settings(.file(path))
        write(entry, to: sink)
        sink.flush()
        let json =
            #"","id":"r-1","address":"192.0.2.77","target":"/a","referer":"https://example.org/","user_agent":"curl/8"}"#
        #expect(lines(path + ".1").map { String($0.drop { $0 != "Z" }.dropFirst()) } == [json, json])
        let second = lines(path)
        #expect(second.count == 2)
        #expect(second.first?.hasSuffix(json) == true)
        #expect(second.last?.hasPrefix("192.0.2.77 - - [") == true)
        #expect(sink.dropped == 0)
    }

    @Test("what a full disk does not take is counted and said once, and nobody waits for it")
    func fullDisk() {
        let pipe = Pipe()
        let sink = LogSink(LogStyle(.text), descriptor: pipe.writingEnd)
        sink.access = settings(.file("/dev/full"))
        for _ in 1...3 {
            write(entry, to: sink)
            sink.flush()
        }
        sink.write(.info, "end") { _ in }
        #expect(
            LogSinkTests.messages(pipe, 2) == [
                "error    lines of the access log are lost cause=\"cannot write to /dev/full: No space left on device\"",
                "info     end",
            ])
        sink.access = settings(.off)
        #expect(sink.dropped == 3)
    }

    private func lines(_ path: String) -> [String] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
