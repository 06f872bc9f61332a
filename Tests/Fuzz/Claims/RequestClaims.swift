import FPWProtocol
import FPWRelay
import NIOCore

/// What a connection's bytes are read to does not depend on how they arrive; what is handed over is what fpwd reads.
///
/// The first byte of the input says where it is cut.
func checkRequest(_ input: [UInt8]) throws(BrokenClaim) {
    guard let first = input.first else { return }
    let bytes = input.dropFirst()
    let whole = Reading([bytes])
    let step = Int(first) % 31 + 1
    let pieces = stride(from: bytes.startIndex, to: bytes.endIndex, by: step).map {
        bytes[$0..<min($0 + step, bytes.endIndex)]
    }
    try expect(Reading(pieces) == whole, "read differently in pieces of \(step) bytes")
    for request in whole.requests { try expectSameVisit(request.head) }
}

/// What a decoder made of some bytes.
private struct Reading: Equatable {
    struct Request: Equatable {
        let head: RequestHead
        var body: [UInt8] = []
        var isWhole = false
    }

    var requests: [Request] = []
    var error: RequestError?

    init(_ pieces: [ArraySlice<UInt8>]) {
        var decoder = RequestDecoder()
        do throws(RequestError) {
            for piece in pieces {
                decoder.feed(ByteBuffer(bytes: piece))
                while let part = try decoder.next() { add(part) }
            }
        } catch {
            self.error = error
        }
    }

    private mutating func add(_ part: RequestPart) {
        switch part {
        case .head(let head): requests.append(Request(head: head))
        case .body(let bytes): requests[requests.count - 1].body += bytes.readableBytesView
        case .end: requests[requests.count - 1].isWhole = true
        }
    }
}

/// A head is sound, and fpwd reads from what the relay makes of it what the visitor has sent.
private func expectSameVisit(_ head: RequestHead) throws(BrokenClaim) {
    try expectSound(head.headers)
    try expect(head.headers.count { $0.isNamed("host") } <= 1, "two hosts")
    try expect(
        !(head.headers.contains("content-length") && head.headers.contains("transfer-encoding")), "two framings")
    if head.framing == .chunked { try expect(!head.isHTTP10, "chunked in HTTP/1.0") }
    if SlotRequest.isSlotPost(method: head.method, headers: head.headers) {
        _ = try? SlotRequest(headers: head.headers)
    }
    let origin = VisitorRequest.Origin(
        address: "192.0.2.1", scheme: "https", host: "demo.example.org", isFromTrustedProxy: false)
    guard
        let offer = try? VisitorRequest(
            id: VisitID(), method: head.method, target: head.target, headers: head.headers, origin: origin)
    else { return }
    let answer = offer.answerFields
    try expectSound(answer)
    guard let reference = VisitReference(in: answer), let visit = try? Visit(reference: reference, answer: answer)
    else {
        throw BrokenClaim("the relay hands over what fpwd refuses")
    }
    try expectHarmless(visit)
    try expect(visit.method == head.method && visit.target.bytes == head.target, "another method or target")
    try expect(visit.address == .verified("192.0.2.1"), "the visitor's address is \(visit.address)")
    try expect(
        visit.relayProto == "https" && visit.relayHost == "demo.example.org", "the visitor says where it came from")
}
