import FPWProtocol
@testable import FPWRelay
import NIOCore
import Testing
import TestSupport

@Suite struct RequestDecoderTests {
    static let request = head("POST /x HTTP/1.1", "Host: a", "Content-Length: 3") + "abc"

    @Test("pipelined requests come one after the other")
    func pipelined() throws {
        let chunked = head("PUT / HTTP/1.1", "Host: b", "Transfer-Encoding: chunked") + "1\r\nx\r\n0\r\n\r\n"
        let decoded = Decoded(Self.request + chunked + Self.request + "GE")
        #expect(decoded.messages.map(\.body) == ["abc", "x", "abc"].map { Array($0.utf8) })
        #expect(decoded.messages.map(\.head.method) == [.post, .put, .post])
        #expect(decoded.messages.map(\.isWhole) == [true, true, true])
        #expect(decoded.error == nil)
    }

    @Test("a connection is between requests only where no byte of one has come")
    func betweenRequests() throws {
        var decoder = RequestDecoder()
        #expect(decoder.isBetweenRequests)
        for byte in Self.request.utf8.dropLast() {
            decoder.feed(ByteBuffer(bytes: [byte]))
            while try decoder.next() != nil {}
            #expect(!decoder.isBetweenRequests)
        }
        decoder.feed(ByteBuffer(string: "c"))
        #expect(try decoder.next() == .body(ByteBuffer(string: "c")))
        #expect(!decoder.isBetweenRequests)
        #expect(try decoder.next() == .end)
        #expect(decoder.isBetweenRequests)
        decoder.feed(ByteBuffer(string: "G"))
        #expect(!decoder.isBetweenRequests)
    }

    @Test("what was read before an error is delivered, and the error is thrown again and again")
    func errorStays() throws {
        var decoder = RequestDecoder()
        decoder.feed(ByteBuffer(string: Self.request + "GET /\n"))
        for _ in 0..<3 { #expect(try decoder.next() != nil) }
        let error = RequestError(status: 400, reason: "bare LF")
        #expect(throws: error) { try decoder.next() }
        decoder.feed(ByteBuffer(string: Self.request))
        #expect(throws: error) { try decoder.next() }
    }

    @Test("a body is passed on as it comes, without being collected or copied")
    func bodyIsNotCopied() throws {
        var decoder = RequestDecoder()
        decoder.feed(ByteBuffer(string: head("POST / HTTP/1.1", "Host: a", "Content-Length: 200000")))
        #expect(try decoder.next() != nil)
        let arrived = ByteBuffer(repeating: 7, count: 100_000)
        decoder.feed(arrived)
        guard case .body(let part)? = try decoder.next() else { throw RequestError(status: 0, reason: "no body") }
        #expect(part == arrived)
        let places = [arrived, part].map { $0.withUnsafeReadableBytes(\.baseAddress) }
        #expect(places[0] == places[1])
        #expect(try decoder.next() == nil)
    }

    @Test("a head may fill its limits and not go beyond", arguments: [(0, nil), (1, 431)] as [(Int, Int?)])
    func limits(excess: Int, status: Int?) {
        var limits = RequestLimits()
        limits.requestLine = 100
        limits.headerBytes = 1000
        limits.fields = 5
        let line = "GET /" + String(repeating: "x", count: 100 - 14) + " HTTP/1.1"
        let size = 1000 - "Host: a".count - "X: ".count + excess
        let large = head(line, "Host: a", "X: " + String(repeating: "y", count: size))
        #expect(Decoded(large, limits: limits).error?.status == status)
        let many = "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 4 + excess) + "\r\n"
        #expect(Decoded(many, limits: limits).error?.status == status)
        let longer = head(line + String(repeating: "1", count: excess), "Host: a")
        #expect(Decoded(longer, limits: limits).error?.status == (status == nil ? nil : 414))
        let trailers = "0\r\nX: " + String(repeating: "y", count: 1000 - 3 + excess) + "\r\n\r\n"
        let chunked = head("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked") + trailers
        #expect(Decoded(chunked, limits: limits).error?.status == status)
    }

    @Test(
        "a line that never ends is refused before it is there", arguments: [("", 414), ("GET / HTTP/1.1\r\nX: ", 431)])
    func endless(start: String, status: Int) {
        var decoder = RequestDecoder()
        decoder.feed(ByteBuffer(string: start))
        var fed = 0
        let piece = ByteBuffer(repeating: UInt8(ascii: "x"), count: 1000)
        #expect(throws: RequestError.self) {
            while try decoder.next() == nil {
                decoder.feed(piece)
                fed += 1000
            }
        }
        #expect(fed < 140_000)
        #expect(Decoded(start + String(repeating: "x", count: 150_000)).error?.status == status)
    }

    @Test(
        "mutilated requests are read alike however they are cut, and nothing crashes",
        arguments: [1, 2, 3, 4] as [UInt64])
    func mutations(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let seeds = (AcceptedRequestTests.bodies + AcceptedRequestTests.forms).map { Array($0.input.utf8) }
        for _ in 0..<1000 {
            var bytes = seeds.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &random) { bytes.mutilate(using: &random) }
            let whole = Decoded([bytes[...]])
            let cut = bytes.indices.randomElement(using: &random) ?? 0
            #expect(Decoded([bytes[..<cut], bytes[cut...]]) == whole, "seed \(seed): \(bytes)")
            #expect(Decoded(bytes.indices.map { bytes[$0...$0] }) == whole, "seed \(seed): \(bytes)")
        }
    }
}

extension [UInt8] {
    /// Changes, removes, doubles or inserts a byte; those that mean something to HTTP more often than others.
    fileprivate mutating func mutilate(using random: inout SeededGenerator) {
        guard let place = indices.randomElement(using: &random) else { return }
        let telling = Array("\r\n\t :;,0aF\0#*/".utf8)
        let byte =
            Bool.random(using: &random)
            ? telling.randomElement(using: &random) ?? 0 : .random(in: 0...255, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: self[place] = byte
        case 1: remove(at: place)
        case 2: insert(byte, at: place)
        default: insert(contentsOf: self[place...].prefix(8), at: place)
        }
    }
}
