@testable import FPWRelay
import Testing

@Suite struct RefusedRequestTests {
    @Test("what another reader might understand differently is refused", arguments: cases)
    func refused(request: Refused) {
        #expect(Decoded([request.input[...]]).error == request.error)
    }

    @Test("it is refused however it is cut", arguments: cases)
    func cut(request: Refused) {
        for pieces in deliveries(of: request.input) {
            #expect(Decoded(pieces).error == request.error)
        }
    }

    static let cases: [Refused] = requestLines + hostFields + fieldLines + framings + chunks + others

    // MARK: The request line

    static let malformedLines: [String] = [
        "GET / HTTP/1.1 ", "GET  / HTTP/1.1", " GET / HTTP/1.1", "GET /", "GET", "G@T / HTTP/1.1", "GET / http/1.1",
        "GET / HTTP/1.1.1", "GET / HTTP/11", "GET / HTTP/1,1", "GET / HTTP/a.1", "GET / HTTP/1.b", "GET /a b HTTP/1.1",
        "GET / ", "GET / HTTP/1.10", "GET / FTTP/1.1", "GET\t/ HTTP/1.1",
    ]
    static let malformedTargets: [String] = [
        "GET a", "GET *", "OPTIONS **", "GET @evil/", "GET ftp://a/", "GET /a#b", "GET /\u{E9}", "CONNECT /",
        "CONNECT a", "CONNECT a:", "CONNECT http://a:1/", "GET a:80", "GET http:/a", "CONNECT a:99999",
    ]
    static let malformedAuthorities: [String] = [
        "GET http:///x", "GET http://u@a/", "GET http://a:b/", "GET https://?x",
    ]
    static let requestLines: [Refused] =
        malformedLines.map { Refused(head($0, "Host: a"), 400, "malformed request line") }
        + malformedTargets.map { Refused(head("\($0) HTTP/1.1", "Host: a"), 400, "malformed request target") }
        + malformedAuthorities.map { Refused(head("\($0) HTTP/1.1", "Host: a"), 400, "malformed Host") }

    static let others: [Refused] = [
        Refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "only HTTP/1 is spoken here"),
        Refused("GET / HTTP/0.9\r\n\r\n", 505, "only HTTP/1 is spoken here"),
        Refused("\r\n\r\n\r\nGET / HTTP/1.1\r\n", 400, "empty lines before a request"),
        Refused("GET / HTTP/1.1\nHost: a\n\n", 400, "bare LF"),
        Refused("\nGET / HTTP/1.1\r\n", 400, "bare LF"),
        Refused("GET /\rx HTTP/1.1\r\n", 400, "bare CR"),
        Refused("GET / HTTP/1.1\r\r\n", 400, "bare CR"),
        Refused("GET /\0 HTTP/1.1\r\n", 400, "NUL"),
        Refused("\u{16}\u{3}\u{1}\u{2}", 400, "control character"),
    ]

    // MARK: Fields

    static let malformedHosts: [String] = [
        "", "a b", "a,b", "u@a", "a:b", "a:80:80", "a:65536", "a:123456", ".", "a..b", ".a", "a..", "[::1", "[]",
        "[::1]x", "[g::]", "::1", "a/b", "a?b", "%61", "\u{E9}", "a\tb", "*.a", ":80", "[:]80", "-\\",
    ]
    static let hostFields: [Refused] =
        malformedHosts.map { Refused(head("GET / HTTP/1.1", "Host: \($0)"), 400, "malformed Host") } + [
            Refused(head("GET / HTTP/1.1"), 400, "no Host field"),
            Refused(head("GET / HTTP/1.1", "Hos: a", "Hostt: a"), 400, "no Host field"),
            Refused(head("GET http://a/ HTTP/1.1"), 400, "no Host field"),
            Refused(head("GET / HTTP/1.0", "Host: a b"), 400, "malformed Host"),
            Refused(head("GET http://b/ HTTP/1.1", "Host: a b"), 400, "malformed Host"),
            Refused(head("GET / HTTP/1.1", "Host: a", "host: a"), 400, "more than one Host field"),
            Refused(head("GET http://a/ HTTP/1.1", "Host: a", "host: a"), 400, "more than one Host field"),
        ]

    static let malformedFields: [(line: String, reason: String)] = [
        ("X : b", "white space before a field's colon"), ("X\t: b", "white space before a field's colon"),
        ("X", "malformed field name"), (": b", "malformed field name"), ("X@: b", "malformed field name"),
        ("X(: b", "malformed field name"), ("\u{E9}: b", "malformed field name"),
        (" folded", "obsolete line folding"), ("\tfolded: x", "obsolete line folding"),
        ("X: a\rb", "bare CR"), ("X: a\nb", "bare LF"), ("X: a\0b", "NUL"),
        ("X: a\u{1}", "control character"), ("X: \u{7F}", "control character"), ("X\u{B}: a", "control character"),
        ("X: 0123456789abcdef\u{1F}0123456789", "control character"),
        ("X: 0123456789abcdef\u{7F}0123456789", "control character"),
    ]
    static let fieldLines: [Refused] = malformedFields.map {
        Refused(head("GET / HTTP/1.1", "Host: a", $0.line, "Y: z"), 400, $0.reason)
    }

    // MARK: The body

    static let otherCoding = "a transfer coding other than chunked"
    static let ambiguousFramings: [(lines: String, status: Int, reason: String)] = [
        ("Content-Length: 1\r\nContent-Length: 1", 400, "more than one Content-Length"),
        ("Content-Length: 1\r\ncontent-length: 2", 400, "more than one Content-Length"),
        ("Content-Length: 1, 1", 400, "malformed Content-Length"),
        ("Content-Length: +1", 400, "malformed Content-Length"),
        ("Content-Length: -1", 400, "malformed Content-Length"),
        ("Content-Length:", 400, "malformed Content-Length"),
        ("Content-Length: 0x1", 400, "malformed Content-Length"),
        ("Content-Length: 1 1", 400, "malformed Content-Length"),
        ("Content-Length: 9223372036854775808", 400, "malformed Content-Length"),
        ("Content-Length: 99999999999999999999", 400, "malformed Content-Length"),
        ("Transfer-Encoding: chunked\r\nContent-Length: 1", 400, "Content-Length beside Transfer-Encoding"),
        ("Content-Length: 1\r\nTransfer-Encoding: x", 400, "Content-Length beside Transfer-Encoding"),
        ("Transfer-Encoding: gzip, chunked", 501, otherCoding),
        ("Transfer-Encoding: chunked, chunked", 501, otherCoding),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 501, otherCoding),
        ("Transfer-Encoding: x\r\nTransfer-Encoding: chunked", 501, otherCoding),
        ("Transfer-Encoding: chunked;a", 501, otherCoding),
        ("Transfer-Encoding: identity", 501, otherCoding),
        ("Transfer-Encoding:", 501, otherCoding),
        ("Transfer-Encoding: \u{B}chunked", 400, "control character"),
    ]
    static let framings: [Refused] =
        ambiguousFramings.map { Refused(head("POST / HTTP/1.1", "Host: a", $0.lines), $0.status, $0.reason) } + [
            Refused(head("POST / HTTP/1.0", "Transfer-Encoding: chunked"), 400, "Transfer-Encoding in HTTP/1.0")
        ]

    static let malformedChunks: [(wire: String, reason: String)] = [
        ("\r\n", "malformed chunk size"), ("x\r\n", "malformed chunk size"), ("-1\r\n", "malformed chunk size"),
        ("0x1\r\n", "malformed chunk size"), (" 1\r\nx\r\n", "malformed chunk size"),
        ("1 \r\nx\r\n", "malformed chunk size"), ("1 x\r\nx\r\n", "malformed chunk size"),
        (";a\r\nx\r\n", "malformed chunk size"), ("1\nx\r\n", "bare LF"), ("1\rx\r\n", "bare CR"),
        ("1;\0\r\nx\r\n", "NUL"), ("1;a\nx\r\n0\r\n\r\n", "bare LF"),
        ("8000000000000000\r\n", "a chunk too large to count"),
        ("fffffffffffffffff\r\n", "a chunk too large to count"),
        ("1;" + String(repeating: "a", count: 255) + "\r\n", "chunk size line too long"),
        ("1\r\nxy\r\n", "chunk longer than its size"), ("1\r\nx0\r\n\r\n", "chunk longer than its size"),
        ("1\r\nx\n0\r\n\r\n", "bare LF"), ("1\r\nx\rx", "bare CR"),
        ("0\r\nX : y\r\n\r\n", "white space before a field's colon"),
        ("0\r\n x\r\n\r\n", "obsolete line folding"), ("0\r\nx\r\n\r\n", "malformed field name"),
        ("0\r\nX: \0\r\n\r\n", "NUL"), ("0\r\nX: y\n\r\n", "bare LF"),
    ]
    static let chunks: [Refused] = malformedChunks.map {
        Refused(head("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked") + $0.wire, 400, $0.reason)
    }
}
