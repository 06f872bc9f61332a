/// Header fields that belong to one connection and are never passed on (RFC 9110 §7.6.1, PROTOCOL.md §5).
package enum HopByHop {
    /// Whether a field of this name is never passed on; framing (`Content-Length`, `Transfer-Encoding`), which is
    /// computed anew on every hop, counts as such.
    package static func isHopByHop(_ name: ArraySlice<UInt8>) -> Bool {
        names.contains { name.equalsIgnoringASCIICase($0) } || name.hasPrefixIgnoringASCIICase("proxy-")
    }

    /// The names that the `Connection` fields name, in lower case.
    package static func connectionNamed(in fields: HeaderFields) -> [String] {
        fields.filter { $0.isNamed("connection") }.flatMap { field in
            HeaderSyntax.listMembers(of: field.value).map { String(decoding: $0, as: UTF8.self).lowercased() }
        }
    }

    private static let names = [
        "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect", "content-length",
        "http2-settings",
    ]
}

extension HeaderFields {
    /// The fields that are meant for the other end: without hop-by-hop fields, those that `Connection` names, framing.
    package var endToEnd: HeaderFields {
        let named = HopByHop.connectionNamed(in: self)
        var result = HeaderFields()
        result.reserveCapacity(bytes: byteCount, fields: count)
        for field in self where !HopByHop.isHopByHop(field.name) && !named.contains(where: field.isNamed) {
            result.append(field)
        }
        return result
    }

    /// Whether the request asks for another protocol (RFC 9110 §7.8, RFC 6455).
    ///
    /// A relay may have dropped `Connection` and `Upgrade`; the WebSocket key still tells that no plain GET is meant.
    package var asksForUpgrade: Bool {
        first("upgrade")?.isEmpty == false || contains("sec-websocket-key")
    }
}

extension ArraySlice<UInt8> {
    /// Whether the bytes begin with the prefix, in letters of either case; `lowercased` must be in lower case.
    package func hasPrefixIgnoringASCIICase(_ lowercased: String) -> Bool {
        prefix(lowercased.utf8.count).equalsIgnoringASCIICase(lowercased)
    }
}
