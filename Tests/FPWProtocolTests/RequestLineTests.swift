import Testing

@testable import FPWProtocol

@Suite("A method")
struct MethodTests {
    @Test(
        "may be any token",
        arguments: ["GET", "get", "PURGE", "M-SEARCH", "a", "!#$%&'*+-.^_`|~09", "X_LONGER_THAN_FIFTEEN"])
    func acceptsTokens(name: String) {
        #expect(Method(name.utf8)?.name == name)
    }

    @Test(
        "is refused where it is no token",
        arguments: ["", " ", "GE T", "GET ", "GET\r\n", "GÉT", "(", "a/b", "a:b", "\u{0}", "\u{7F}"])
    func refusesOthers(name: String) {
        #expect(Method(name.utf8) == nil)
    }

    @Test("that any byte but a token's stands in is refused")
    func checksEveryByte() {
        let tokens = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        for byte in UInt8.min...UInt8.max {
            #expect((Method([byte]) != nil) == tokens.contains(byte), "\(byte)")
        }
    }

    @Test("is idempotent where RFC 9110 says so, in its own case only")
    func tellsIdempotence() {
        let idempotent: [Method] = [.get, .head, .put, .delete, .options, .trace]
        #expect(idempotent.filter(\.isIdempotent) == idempotent)
        let others = [.post, .patch, .connect] + ["get", "PURGE"].compactMap { Method($0.utf8) }
        #expect(others.filter(\.isIdempotent) == [])
    }

    @Test(
        "has a label of a fixed set",
        arguments: [("GET", "GET"), ("TRACE", "TRACE"), ("get", "other"), ("X", "other"), ("CONNECT", "other")])
    func hasLabel(name: String, label: String) {
        #expect(Method(name.utf8)?.metricLabel == label)
    }
}

@Suite("A request target")
struct RequestTargetTests {
    @Test(
        "passes byte for byte where it begins with a slash",
        arguments: [
            "/", "/a?b=c", "//evil/", "/../", "/%2e%2e/x", "//x", "/a//b", "/?", "/*", "/@evil/", "/a\\b",
            "/~!$&'()*+,;=:@[]|^`{}<>\"", "/a#b",
        ]
    )
    func passes(target: String) throws {
        #expect(try RequestTarget(Array(target.utf8), method: .get).description == target)
    }

    @Test(
        "is refused otherwise",
        arguments: [
            "", "@evil/", ".evil", ":9101/x", "http://evil/", "evil", "*", "?a", "#", "\\", "/a b", " /", "/ ", "/\r\n",
            "/a\nb", "/\t", "/\u{0}", "/é", "/中", "/\u{7F}", "/a\u{1}",
        ]
    )
    func refuses(target: String) {
        #expect(throws: VisitRefusal.badTarget) { try RequestTarget(Array(target.utf8), method: .get) }
    }

    @Test("may be an asterisk for OPTIONS alone")
    func acceptsAsterisk() throws {
        #expect(try RequestTarget(Array("*".utf8), method: .options).bytes == [UInt8(ascii: "*")])
        #expect(throws: VisitRefusal.badTarget) { try RequestTarget(Array("**".utf8), method: .options) }
        #expect(throws: VisitRefusal.badTarget) { try RequestTarget(Array("*".utf8), method: .trace) }
    }
}
