import FPWProtocol
@testable import FPWRelay
import FPWService
import Glibc
import NIOCore
import Testing

@Suite struct ResponseHeadTests {
    struct Case: CustomTestStringConvertible {
        let testDescription: String
        let head: ResponseHead
        let text: String

        init(_ claim: String, _ head: ResponseHead, _ lines: String...) {
            testDescription = claim
            self.head = head
            text = lines.map { "\($0)\r\n" }.joined() + "\r\n"
        }
    }

    static let date = "date: Sun, 06 Nov 1994 08:49:37 GMT"

    static let cases: [Case] = [
        Case("no body", ResponseHead(status: 200), "HTTP/1.1 200 OK", date, "content-length: 0"),
        Case(
            "a length", ResponseHead(status: 502, framing: .length(12_345_678_901)), "HTTP/1.1 502 Bad Gateway", date,
            "content-length: 12345678901"),
        Case(
            "chunked, and the last answer", ResponseHead(status: 404, framing: .chunked, closesConnection: true),
            "HTTP/1.1 404 Not Found", date, "transfer-encoding: chunked", "connection: close"),
        Case(
            "HEAD and 304 keep the length of what they do not send",
            ResponseHead(status: 304, headers: ["Content-Length": "7", "ETag": "\"x\""], framing: .none),
            "HTTP/1.1 304 Not Modified", "Content-Length: 7", "ETag: \"x\"", date),
        Case(
            "the upstream's date is kept", ResponseHead(status: 200, headers: ["DATE": "yesterday"], framing: .none),
            "HTTP/1.1 200 OK", "DATE: yesterday"),
        Case(
            "repeated fields stay apart and in order",
            ResponseHead(status: 201, headers: ["Set-Cookie": "a=1", "X": "", "Set-Cookie": "b=2"]),
            "HTTP/1.1 201 Created", "Set-Cookie: a=1", "X: ", "Set-Cookie: b=2", date, "content-length: 0"),
        Case(
            "a status without a phrase keeps its space", ResponseHead(status: 299, framing: .none), "HTTP/1.1 299 ",
            date),
    ]

    @Test("an answer's head is written line by line", arguments: cases)
    func written(_ answer: Case) {
        var buffer = ByteBuffer()
        answer.head.write(into: &buffer, at: WallClock(timespec(tv_sec: 784_111_777, tv_nsec: 0)))
        #expect(String(buffer: buffer) == answer.text)
    }

    @Test("bytes above ASCII are written as they are, behind what the buffer holds")
    func bytes() {
        var headers = HeaderFields()
        headers.append(name: "Date", value: [0xE9, 0xFF, 0x80])
        var buffer = ByteBuffer(string: "before")
        ResponseHead(status: 200, headers: headers, framing: .none).write(into: &buffer)
        #expect(
            Array(buffer.readableBytesView)
                == Array("beforeHTTP/1.1 200 OK\r\nDate: ".utf8) + [0xE9, 0xFF, 0x80] + Array("\r\n\r\n".utf8))
    }

    @Test("the interim answer has no fields")
    func interim() {
        var buffer = ByteBuffer()
        ResponseHead.writeContinue(into: &buffer)
        #expect(String(buffer: buffer) == "HTTP/1.1 100 Continue\r\n\r\n")
    }

    @Test("a date's every month and weekday has its name", arguments: zip(0..<12, datesOf2024))
    func dates(month: Int, text: String) {
        let days = [0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335][month]
        var buffer = ByteBuffer()
        let time = timespec(tv_sec: 1_704_067_200 + days * 86_400 + 86_399, tv_nsec: 999_999_999)
        ResponseHead(status: 200, framing: .none).write(into: &buffer, at: WallClock(time))
        #expect(String(buffer: buffer) == "HTTP/1.1 200 OK\r\ndate: \(text) 23:59:59 GMT\r\n\r\n")
    }

    /// The first day of each month.
    static let datesOf2024 = [
        "Mon, 01 Jan 2024", "Thu, 01 Feb 2024", "Fri, 01 Mar 2024", "Mon, 01 Apr 2024", "Wed, 01 May 2024",
        "Sat, 01 Jun 2024", "Mon, 01 Jul 2024", "Thu, 01 Aug 2024", "Sun, 01 Sep 2024", "Tue, 01 Oct 2024",
        "Fri, 01 Nov 2024", "Sun, 01 Dec 2024",
    ]
}

@Suite struct ChunkTests {
    @Test("a body that was written in chunks is read as it was", arguments: [1, 9, 10, 255, 4096, 70_000])
    func roundTrip(length: Int) {
        let data = ByteBuffer(repeating: 0x0D, count: length)
        var wire = ByteBuffer(string: head("GET / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked"))
        for _ in 0..<2 {
            Chunk.writeHead(length: length, into: &wire)
            wire.writeImmutableBuffer(data)
            wire.writeImmutableBuffer(Chunk.tail)
        }
        wire.writeImmutableBuffer(Chunk.last)
        let decoded = Decoded([Array(wire.readableBytesView)[...]])
        #expect(decoded.messages.map(\.isWhole) == [true])
        #expect(decoded.messages.map(\.body) == [[UInt8](repeating: 0x0D, count: 2 * length)])
    }
}
