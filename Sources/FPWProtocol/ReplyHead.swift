/// A reply's status and end-to-end header fields (PROTOCOL.md §1, §5).
package struct ReplyHead: Equatable, Sendable {
    package let status: Int
    package let headers: HeaderFields

    /// Checks an answer's status and fields, and drops hop-by-hop fields, framing and the names of this protocol: a page is
    /// not to pass for the relay's own.
    ///
    /// In a reply to HEAD or with 304 a single decimal `Content-Length` is kept: it tells the length of a body that is
    /// not sent.
    package init(status: Int, headers: HeaderFields, visitMethod: Method) throws(ReplyFault) {
        guard status != 101 else { throw .unsolicitedUpgrade }
        guard (200...599).contains(status) else { throw .badStatus(status) }
        if let position = headers.firstMalformed { throw .badField(name: MessageText.clean(headers[position].name)) }
        self.status = status
        var kept = headers.endToEnd(without: .reserved)
        if visitMethod == .head || status == 304, let length = headers.singleContentLength {
            kept.append(name: "content-length", value: length)
        }
        self.headers = kept
    }

    /// Whether no body belongs to the reply, whatever its fields say (RFC 9110 §6.4.1).
    package static func hasNoBody(status: Int, visitMethod: Method) -> Bool {
        visitMethod == .head || status == 204 || status == 304
    }
}

/// Why an upstream's answer cannot be passed on; the visitor gets 502.
package enum ReplyFault: Error, Hashable, Sendable {
    /// 101 without having been asked.
    case unsolicitedUpgrade
    case badStatus(Int)
    case badField(name: String)
    /// Content-Lengths that differ, or one that is no number.
    case badLength
    /// Transfer codings other than a single `chunked`.
    case badCoding
}

extension ReplyFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unsolicitedUpgrade: "it switched protocols (101) without being asked"
        case .badStatus(let status): "its status is \(status), which is outside 200…599"
        case .badField(let name): "its header field \(name) is malformed"
        case .badLength: "its Content-Length is malformed"
        case .badCoding: "its Transfer-Encoding is not chunked"
        }
    }
}

extension HeaderFields {
    /// Checks how an answer says where its body ends, an upstream's or a relay's with a visit (RFC 9112 §6).
    ///
    /// libcurl takes the last of several lengths, and one that it cannot count for none: a body that was cut off would look
    /// whole. It undoes codings that nobody asked for, and counts no `chunked`.
    package func checkFraming() throws(ReplyFault) {
        try checkContentLength()
        try checkTransferEncoding()
    }

    private func checkContentLength() throws(ReplyFault) {
        guard let position = firstIndex(named: "content-length") else { return }
        let announced = self[position].value
        // More digits than any body has bytes.
        guard (1...18).contains(announced.count), announced.allSatisfy(\.isDigit) else { throw .badLength }
        var last = position
        while let another = firstIndex(named: "content-length".utf8.span, in: (last + 1)..<count) {
            guard self[another].value == announced else { throw .badLength }
            last = another
        }
    }

    /// `identity` says nothing, and is of the past (RFC 2616).
    private func checkTransferEncoding() throws(ReplyFault) {
        guard contains("transfer-encoding") else { return }
        let values = filter { $0.isNamed("transfer-encoding") }.map(\.value)
        let codings = values.flatMap(HeaderSyntax.listMembers).filter { !$0.equalsIgnoringASCIICase("identity") }
        guard codings.count < 2, codings.allSatisfy({ $0.equalsIgnoringASCIICase("chunked") }) else { throw .badCoding }
    }

    /// The place of the first field that may not stand in a message.
    fileprivate var firstMalformed: Int? {
        for position in indices {
            let isSound = withField(position) { HeaderSyntax.isToken($0) && HeaderSyntax.isValue($1) }
            if !isSound { return position }
        }
        return nil
    }

    /// The value of `Content-Length` where there is exactly one and it is a decimal number.
    fileprivate var singleContentLength: ArraySlice<UInt8>? {
        guard let value = only("content-length"), !value.isEmpty, value.allSatisfy(\.isDigit) else { return nil }
        return value
    }
}

extension ReplyHead {
    /// A head of our own making, for an error page: nothing in it comes from a peer.
    package init(own status: Int, _ headers: HeaderFields) {
        self.status = status
        self.headers = headers
    }
}
