import FPWProtocol

/// Takes the input for the header lines of a relay's answer: what reaches an upstream is sound, and names only the upstream.
func checkVisit(_ input: [UInt8]) throws(BrokenClaim) {
    let answer = headerLines(input)
    let facts = AnswerFacts(
        status: Int(input.first ?? 0) * 3, headers: answer, messageBody: input, sinceUpload: .seconds(1))
    _ = facts.reading()
    guard let reference = VisitReference(in: answer) else { return }
    guard let visit = try? Visit(reference: reference, answer: answer) else { return }
    try expectHarmless(visit)
    guard let fields = try? rules.upstreamFields(for: visit) else { return }
    try expectSound(fields)
    try expectOne("host", in: fields)
    try expectOne("x-forwarded-proto", in: fields)
    try expectOne("x-forwarded-host", in: fields)
}

func expectHarmless(_ visit: Visit) throws(BrokenClaim) {
    try expect(HeaderSyntax.isToken(visit.method.name.utf8.span), "the method is no token")
    try expect(visit.method != .connect, "CONNECT passes")
    let target = visit.target.bytes
    try expect(target.first == UInt8(ascii: "/") || target == [UInt8(ascii: "*")], "the target is no path")
    try expect(
        target.allSatisfy { (0x21...0x7E).contains($0) },
        "the target holds a control character, a blank or more than ASCII")
    try expectSound(visit.headers)
    for name in [
        "connection", "transfer-encoding", "content-length", "upgrade", "te", "fpw-token", "fpw_id", "host",
        "x-real-ip",
    ] {
        try expect(!visit.headers.contains(name), "\(name) passes")
    }
    for field in visit.headers {
        let name = String(decoding: field.name, as: UTF8.self).lowercased().replacing("_", with: "-")
        try expect(
            !name.hasPrefix("fpw-") && !name.hasPrefix("proxy-") && !name.hasPrefix("x-forwarded-"), "\(name) passes")
    }
}

private func expectOne(_ name: String, in fields: HeaderFields) throws(BrokenClaim) {
    try expect(fields.count { $0.isNamed(name) } == 1, "not one \(name)")
}

/// Fields as libcurl gives them: one a line, without line ends, the value without blanks around it.
private func headerLines(_ input: [UInt8]) -> HeaderFields {
    var fields = HeaderFields()
    for line in input.split(separator: UInt8(ascii: "\n")) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
        fields.append(name: line[..<colon], value: line[(colon + 1)...])
    }
    return fields
}

private let rules = ForwardingRules(
    hostHeader: .keep, publicScheme: nil, relayIsHTTPS: true, upstreamAuthority: "127.0.0.1:8080",
    publicHost: "demo.example.org", loopID: "0123456789abcdef0123456789abcdef")
