import Testing

@testable import FPWProtocol

@Suite("Header fields")
struct HeaderFieldsTests {
    private let fields: HeaderFields = ["Host": "a", "Set-Cookie": "b", "set-cookie": "c", "X": ""]

    @Test("keep their order, their case and their bytes")
    func keepsBytes() {
        var other = HeaderFields()
        other.append(name: "Host", value: [0x61] as [UInt8])
        for field in fields.dropFirst() { other.append(field) }
        #expect(other == fields)
        #expect(other.description == "Host: a\nSet-Cookie: b\nset-cookie: c\nX: ")
        #expect(other.byteCount == 5 + 11 + 11 + 1)
    }

    @Test("are found by a name in any case, the first one first")
    func findsNames() {
        #expect(fields.firstString("set-cookie") == "b")
        #expect(fields.firstString("x") == "")
        #expect(fields.contains("host"))
        #expect(!fields.contains("hos"))
        #expect(fields.firstIndex(named: "hostx") == nil)
    }

    @Test("that are removed are gone, while a copy keeps them")
    func removes() {
        var rest = fields
        rest.keep { name, _ in !name.isNamed("set-cookie") }
        #expect(rest == ["Host": "a", "X": ""])
        #expect(rest.byteCount == 6)
        rest.append(name: "y", value: "z")
        #expect(rest == ["Host": "a", "X": "", "y": "z"])
        #expect(fields.count == 4)
        rest.removeAll()
        #expect(rest == [:])
    }

    @Test("are lent in their order")
    func lends() {
        var names: [Int] = []
        fields.forEachField { name, value in names += [name.count, value.count] }
        #expect(names == [4, 1, 10, 1, 10, 1, 1, 0])
    }
}

@Suite("Fields for the other end")
struct EndToEndTests {
    @Test(
        "leave out what belongs to one connection, and framing",
        arguments: [
            "Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Expect", "Content-Length",
            "Proxy-Connection", "Proxy-Authorization", "Proxy-Authenticate", "proxy-anything", "HTTP2-Settings", "te",
            "UPGRADE", "Proxy", "PROXY", "Keep_Alive", "Transfer_Encoding", "CONTENT_LENGTH", "Proxy_Authorization",
            "proxy_connection", "HTTP2_Settings",
        ]
    )
    func removesHopByHop(name: String) {
        var fields: HeaderFields = ["Host": "a"]
        fields.append(name: name, value: "x")
        fields.append(name: "Accept", value: "b")
        #expect(fields.endToEnd() == ["Host": "a", "Accept": "b"])
    }

    @Test(
        "leave out what Connection names, in any case, before and after it",
        arguments: [
            "x-one, X-TWO", "close,x-one,x-two", " , x-one ,, x-two,", "keep-alive, x-two, x-one",
            "X_One, x-tWo",
        ]
    )
    func removesNamed(connection: String) {
        var fields: HeaderFields = ["X-One": "1", "a": "b"]
        fields.append(name: "Connection", value: connection)
        fields.append(name: "x-two", value: "2")
        fields.append(name: "x_two", value: "3")
        #expect(fields.endToEnd() == ["a": "b"])
    }

    @Test("heed every Connection field")
    func readsAllConnections() {
        let fields: HeaderFields = ["Connection": "x-one", "x-one": "1", "connection": "x-two", "x-two": "2", "x": "3"]
        #expect(fields.endToEnd() == ["x": "3"])
    }

    @Test(
        "keep everything else",
        arguments: [
            "Teapot", "Upgrade-Insecure-Requests", "X-Proxy-Y", "Proxied", "Trailers", "Close", "keep", "Via",
            "x-fpw-loop", "Proxies", "proxi", "Content-Lengths", "Transfer_Encodings", "t_e",
        ]
    )
    func keepsOthers(name: String) {
        var fields: HeaderFields = ["connection": "keep-alive"]
        fields.append(name: name, value: "x")
        #expect(fields.endToEnd().map { String(decoding: $0.name, as: UTF8.self) } == [name])
    }

    @Test(
        "have roles told by their names",
        arguments: [
            ("HOST", .host), ("hosts", .endToEnd), ("X-Forwarded-For", .origin), ("x-forwarded-anything", .origin),
            ("x-forwarded", .endToEnd), ("X_Forwarded_For", .origin), ("x-forwarded_proto", .origin),
            ("x_real-ip", .origin), ("x_real_ipx", .endToEnd), ("x_forwarded", .endToEnd), ("Forwarded", .origin),
            ("X-Real-IP", .origin), ("x-real-ips", .endToEnd),
            ("fpw-id", .reserved), ("FPW_ID", .reserved), ("fpw-", .reserved), ("fpwd", .endToEnd), ("fpw", .endToEnd),
            ("Connection", .connection), ("proxy-", .oneHop), ("", .endToEnd), ("p", .endToEnd),
        ] as [(String, FieldRole)]
    )
    func tellsRoles(name: String, role: FieldRole) {
        #expect(FieldRole(name: name.utf8.span) == role)
    }

    @Test(
        "ask for an upgrade with Upgrade, or with a WebSocket key alone, but not with an offer of HTTP/2",
        arguments: [
            (["Upgrade": "websocket", "Connection": "Upgrade"], true),
            (["upgrade": "h2c"], false), (["Upgrade": "H2C", "Connection": "Upgrade, HTTP2-Settings"], false),
            (["Upgrade": "h2c, websocket"], true), (["Upgrade": "TLS/1.0"], true),
            (["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="], true),
            (["Upgrade": ""], false),
            (["Upgrade-Insecure-Requests": "1"], false),
            (["Sec-WebSocket-Version": "13"], false),
        ] as [(HeaderFields, Bool)]
    )
    func tellsUpgrades(fields: HeaderFields, asks: Bool) {
        #expect(fields.asksForUpgrade == asks)
    }
}
