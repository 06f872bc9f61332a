import FPWProtocol
@testable import FPWRelay
import Testing

@Suite struct AcceptedRequestTests {
    @Test("a request is understood as RFC 9112 says", arguments: cases)
    func understood(request: Accepted) {
        #expect(Decoded(request.input) == Decoded(message: request.message))
    }

    @Test("how a request is cut into pieces does not matter", arguments: cases)
    func cut(request: Accepted) {
        for pieces in deliveries(of: Array(request.input.utf8)) {
            #expect(Decoded(pieces) == Decoded(message: request.message))
        }
    }

    static let cases: [Accepted] = forms + hosts + fields + connections + bodies

    static let forms: [Accepted] = [
        Accepted("origin form", head("GET / HTTP/1.1", "Host: a")),
        Accepted("any token is a method", head("x-Br!w#$%&'*+.^_`|~1 / HTTP/1.1", "Host: a")) {
            $0.method = method("x-Br!w#$%&'*+.^_`|~1")
        },
        Accepted("methods are case-sensitive", head("get / HTTP/1.1", "Host: a")) { $0.method = method("get") },
        Accepted("a target keeps every byte", head("GET //x/../%2e?a=b&{|}\"<>\\^`?/ HTTP/1.1", "Host: a")) {
            $0.target = Array("//x/../%2e?a=b&{|}\"<>\\^`?/".utf8)
        },
        Accepted("absolute form: its authority replaces Host", head("GET http://B:8/x?y HTTP/1.1", "Host: a")) {
            $0.target = Array("/x?y".utf8)
            $0.headers = ["Host": "B:8"]
            $0.host = HostName("b".utf8)
        },
        Accepted("absolute form without a path", head("GET HTTPS://b?y HTTP/1.1", "X: 1", "Host: a", "Y: 2")) {
            $0.target = Array("/?y".utf8)
            $0.headers = ["Host": "b", "X": "1", "Y": "2"]
            $0.host = HostName("b".utf8)
        },
        Accepted("absolute form with neither path nor query", head("GET http://b HTTP/1.1", "Host: b")) {
            $0.headers = ["Host": "b"]
            $0.host = HostName("b".utf8)
        },
        Accepted("absolute form of HTTP/1.0 needs no Host", head("GET http://b/ HTTP/1.0")) {
            $0.headers = ["Host": "b"]
            $0.host = HostName("b".utf8)
            $0.isHTTP10 = true
            $0.keepAlive = false
        },
        Accepted("asterisk form", head("OPTIONS * HTTP/1.1", "Host: a")) {
            $0.method = .options
            $0.target = Array("*".utf8)
        },
        Accepted(
            "an absolute OPTIONS without a path asks about the server", head("OPTIONS http://a HTTP/1.1", "Host: a")
        ) {
            $0.method = .options
            $0.target = Array("*".utf8)
        },
        Accepted("authority form", head("CONNECT b:443 HTTP/1.1", "Host: a")) {
            $0.method = .connect
            $0.target = Array("b:443".utf8)
        },
        Accepted("HTTP/1.0 is not kept alive", head("GET / HTTP/1.0", "Host: a", "connection: keep-alive")) {
            $0.headers.append(name: "connection", value: "keep-alive")
            $0.isHTTP10 = true
            $0.keepAlive = false
        },
        Accepted("a higher minor version is spoken as 1.1", head("GET / HTTP/1.9", "Host: a")),
        Accepted("one empty line before a request", "\r\n" + head("GET / HTTP/1.1", "Host: a")),
        Accepted("two empty lines before a request", "\r\n\r\n" + head("GET / HTTP/1.1", "Host: a")),
    ]

    static let hostNames: [(text: String, name: String)] = [
        ("EXAMPLE.Org", "example.org"), ("example.org:8080", "example.org"), ("example.org.", "example.org"),
        ("example.org.:80", "example.org"), ("example.org:", "example.org"), ("a:65535", "a"), ("1.2.3.4", "1.2.3.4"),
        ("[::1]", "[::1]"), ("[FE80::1.2.3.4]:80", "[fe80::1.2.3.4]"), ("a_b.c-d.9", "a_b.c-d.9"),
    ]
    static let hosts: [Accepted] = hostNames.map { host in
        Accepted("Host: \(host.text)", head("GET / HTTP/1.1", "Host: \(host.text)")) {
            $0.headers = ["Host": host.text]
            $0.host = HostName(host.name.utf8)
        }
    }

    static let fields: [Accepted] = [
        Accepted("white space around a value is no part of it", head("GET / HTTP/1.1", "Host:\t a \t ")),
        Accepted("white space inside a value is", head("GET / HTTP/1.1", "Host: a", "X:a \t b")) {
            $0.headers.append(name: "X", value: "a \t b")
        },
        Accepted("an empty value", head("GET / HTTP/1.1", "Host: a", "X:", "Y:  ")) {
            $0.headers.append(name: "X", value: "")
            $0.headers.append(name: "Y", value: "")
        },
        Accepted("order, case and repetition are kept", head("GET / HTTP/1.1", "b: 1", "Host: a", "B: 2", "b: 1")) {
            $0.headers = ["b": "1", "Host": "a", "B": "2", "b": "1"]
        },
        Accepted("bytes above ASCII are kept in values", head("GET / HTTP/1.1", "Host: a", "X: grün")) {
            $0.headers.append(name: "X", value: "grün")
        },
        Accepted("a field's name may be any token", head("GET / HTTP/1.1", "Host: a", "!#$%&'*+-.^_`|~09azAZ: :")) {
            $0.headers.append(name: "!#$%&'*+-.^_`|~09azAZ", value: ":")
        },
        Accepted("HTTP/1.0 needs no Host", head("GET / HTTP/1.0")) {
            $0.headers = [:]
            $0.host = nil
            $0.isHTTP10 = true
            $0.keepAlive = false
        },
    ]

    static let connectionFields: [(value: String, keepAlive: Bool)] = [
        ("close", false), ("CLOSE", false), ("foo , Close,", false), ("keep-alive", true), ("closed", true), ("", true),
    ]
    static let connections: [Accepted] = connectionFields.map { field in
        Accepted("Connection: \(field.value)", head("GET / HTTP/1.1", "Host: a", "connection: \(field.value)")) {
            $0.headers.append(name: "connection", value: field.value)
            $0.keepAlive = field.keepAlive
        }
    }

    static let bodies: [Accepted] = [
        Accepted("a length", head("GET / HTTP/1.1", "Host: a", "Content-Length: 5") + "he\r\no", body: "he\r\no") {
            $0.headers.append(name: "Content-Length", value: "5")
            $0.framing = .length(5)
        },
        Accepted("a length of nothing", head("GET / HTTP/1.1", "Host: a", "content-length: 00", "Expect: 100-continue"))
        {
            $0.headers.append(name: "content-length", value: "00")
            $0.headers.append(name: "Expect", value: "100-continue")
            $0.framing = .length(0)
        },
        Accepted(
            "a client that waits for 100",
            head("GET / HTTP/1.1", "Host: a", "expect: 100-Continue", "content-length: 1") + "x", body: "x"
        ) {
            $0.headers.append(name: "expect", value: "100-Continue")
            $0.headers.append(name: "content-length", value: "1")
            $0.framing = .length(1)
            $0.expectsContinue = true
        },
        Accepted(
            "HTTP/1.0 cannot wait for 100",
            head("GET / HTTP/1.0", "Host: a", "expect: 100-continue", "content-length: 1") + "x", body: "x"
        ) {
            $0.headers.append(name: "expect", value: "100-continue")
            $0.headers.append(name: "content-length", value: "1")
            $0.framing = .length(1)
            $0.isHTTP10 = true
            $0.keepAlive = false
        },
        chunked("no chunk", "0\r\n\r\n", ""),
        chunked("chunks", "5\r\nhello\r\n00b\r\n world\r\n0\r\n\r\n0\r\n\r\n", "hello world\r\n0\r\n"),
        chunked("sizes of either case", "A\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n\r\n", "01234567890123456789a"),
        chunked("extensions are read over", "1;a=\"b;\"\r\nx\r\n1 \t ; a\r\ny\r\n0;z\r\n\r\n", "xy"),
        chunked("trailers are checked and dropped", "1\r\nx\r\n0\r\nA: b\r\nContent-Length: 9\r\n\r\n", "x"),
    ]

    private static func chunked(_ claim: String, _ wire: String, _ body: String) -> Accepted {
        Accepted(claim, head("GET / HTTP/1.1", "Host: a", "Transfer-Encoding: Chunked") + wire, body: body) {
            $0.headers.append(name: "Transfer-Encoding", value: "Chunked")
            $0.framing = .chunked
        }
    }

    private static func method(_ name: String) -> Method { Method(name.utf8) ?? .get }
}

extension Decoded {
    init(message: Message) {
        self.init([])
        messages = [message]
    }
}
