import Testing

@testable import FPWProtocol

@Suite("A reply's head")
struct ReplyHeadTests {
    @Test("carries the end-to-end fields as they are")
    func carriesFields() throws {
        let head = try ReplyHead(
            status: 200,
            headers: [
                "Server": "nginx", "Content-Length": "5", "Set-Cookie": "a", "Connection": "keep-alive",
                "set-cookie": "b",
                "Transfer-Encoding": "chunked", "Location": "/x", "Content-Encoding": "gzip", "Trailer": "x",
            ], visitMethod: .get)
        #expect(head.status == 200)
        #expect(
            head.headers == [
                "Server": "nginx", "Set-Cookie": "a", "set-cookie": "b", "Location": "/x", "Content-Encoding": "gzip",
            ])
    }

    @Test("carries no field of this protocol, in which a page could pass for the relay's own")
    func dropsReserved() throws {
        let head = try ReplyHead(
            status: 200,
            headers: ["Fpw-Relay": "slow-head", "FPW_FEATURES": "hello", "x-fpw-reason": "a", "fpwd": "b"],
            visitMethod: .get)
        #expect(head.headers == ["x-fpw-reason": "a", "fpwd": "b"])
    }

    @Test("may have any status from 200 to 599", arguments: [200, 204, 304, 404, 418, 599])
    func acceptsStatus(status: Int) throws {
        #expect(try ReplyHead(status: status, headers: [:], visitMethod: .get).status == status)
    }

    @Test(
        "is refused for another status",
        arguments: [
            (101, .unsolicitedUpgrade), (100, .badStatus(100)), (103, .badStatus(103)), (199, .badStatus(199)),
            (600, .badStatus(600)), (0, .badStatus(0)), (-1, .badStatus(-1)), (999, .badStatus(999)),
        ] as [(Int, ReplyFault)]
    )
    func refusesStatus(status: Int, fault: ReplyFault) {
        #expect(throws: fault) { try ReplyHead(status: status, headers: [:], visitMethod: .get) }
    }

    @Test(
        "is refused for a malformed field",
        arguments: [
            (["a b": "c"], "a b"), (["": "c"], ""), (["x": "a\u{0}b"], "x"), (["x": "a\rb"], "x"), (["x": "a\nb"], "x"),
            (["ok": "1", "y": "\u{7F}"], "y"), (["a\r\nb": "c"], "a b"),
        ] as [(HeaderFields, String)]
    )
    func refusesFields(headers: HeaderFields, name: String) {
        #expect(throws: ReplyFault.badField(name: name)) {
            try ReplyHead(status: 200, headers: headers, visitMethod: .get)
        }
    }

    @Test(
        "keeps a single decimal Content-Length for HEAD and 304 alone",
        arguments: [
            (200, Method.head, ["Content-Length": "12"], ["content-length": "12"]),
            (304, .get, ["content-length": "0"], ["content-length": "0"]),
            (200, .head, ["Content-Length": "12345678901"], ["content-length": "12345678901"]),
            (200, .head, ["Content-Length": "12", "content-length": "12"], [:]),
            (200, .head, ["Content-Length": "12, 12"], [:]),
            (200, .head, ["Content-Length": "-1"], [:]),
            (200, .head, ["Content-Length": "+1"], [:]),
            (200, .head, ["Content-Length": "0x1"], [:]),
            (200, .head, ["Content-Length": ""], [:]),
            (200, .head, ["Content-Length": "1", "Transfer-Encoding": "chunked"], ["content-length": "1"]),
            (200, .get, ["Content-Length": "12"], [:]),
            (204, .get, ["Content-Length": "12"], [:]),
        ] as [(Int, Method, HeaderFields, HeaderFields)]
    )
    func keepsContentLength(status: Int, method: Method, headers: HeaderFields, kept: HeaderFields) throws {
        #expect(try ReplyHead(status: status, headers: headers, visitMethod: method).headers == kept)
    }

    @Test(
        "announces one length, in digits that can be counted",
        arguments: [
            ([:], true), (["Content-Length": "0"], true), (["content-length": "999999999999999999"], true),
            (["Content-Length": "12", "X": "y", "content-length": "12"], true),
            (["Content-Length": "12", "X": "y", "content-length": "13"], false),
            (["Content-Length": "1", "content-length": "1", "CONTENT-LENGTH": "2"], false),
            (["Content-Length": ""], false), (["Content-Length": "4+"], false), (["Content-Length": "-4"], false),
            (["Content-Length": "4, 4"], false), (["Content-Length": "0x4"], false),
            (["Content-Length": "18446744073709551620"], false),
        ] as [(HeaderFields, Bool)]
    )
    func announcesOneLength(headers: HeaderFields, isSound: Bool) throws {
        if isSound { return try headers.checkFraming() }
        #expect(throws: ReplyFault.badLength) { try headers.checkFraming() }
    }

    @Test(
        "has no transfer coding but chunked, and that once",
        arguments: [
            (["Transfer-Encoding": "chunked"], true), (["transfer-encoding": ", Chunked ,"], true),
            (["Transfer-Encoding": ""], true), (["Transfer-Encoding": "identity"], true),
            (["Transfer-Encoding": "identity", "x": "y", "transfer-encoding": "chunked"], true),
            (["Transfer-Encoding": "chunked, chunked"], false), (["Transfer-Encoding": "gzip, chunked"], false),
            (["Transfer-Encoding": "chunked", "x": "y", "transfer-encoding": "chunked"], false),
            (["Transfer-Encoding": "xchunked"], false), (["Transfer-Encoding": "chunked;q=1"], false),
        ] as [(HeaderFields, Bool)]
    )
    func hasOneCoding(headers: HeaderFields, isSound: Bool) throws {
        if isSound { return try headers.checkFraming() }
        #expect(throws: ReplyFault.badCoding) { try headers.checkFraming() }
    }

    @Test(
        "tells whether a body belongs to it",
        arguments: [
            (200, Method.head, true), (204, .get, true), (304, .post, true), (200, .get, false), (205, .get, false),
        ]
    )
    func tellsBodies(status: Int, method: Method, hasNone: Bool) {
        #expect(ReplyHead.hasNoBody(status: status, visitMethod: method) == hasNone)
    }

    @Test(
        "and what is wrong with it is said",
        arguments: [
            (.unsolicitedUpgrade, "it switched protocols (101) without being asked"),
            (.badStatus(999), "its status is 999, which is outside 200…599"),
            (.badField(name: "a b"), "its header field a b is malformed"),
            (.badLength, "its Content-Length is malformed"),
            (.badCoding, "its Transfer-Encoding is not chunked"),
        ] as [(ReplyFault, String)]
    )
    func explains(fault: ReplyFault, text: String) {
        #expect(fault.description == text)
    }
}
