extension HeaderFields {
    /// The fields that are meant for the other end: without hop-by-hop fields, without those that `Connection` names,
    /// without framing (RFC 9110 §7.6.1, PROTOCOL.md §5).
    ///
    /// - Parameter dropped: further roles that are not passed on.
    package consuming func endToEnd(without dropped: FieldRole...) -> HeaderFields {
        // A set: a peer may name thousands.
        var named: Set<ArraySlice<UInt8>> = []
        keep { name, value in
            switch FieldRole(name: name) {
            case .oneHop: return false
            case .connection:
                if !value.isNamed("keep-alive"), !value.isNamed("close") {
                    named.formUnion(value.foldedListMembers)
                }
                return false
            case let role: return !dropped.contains(role)
            }
        }
        if !named.isEmpty {
            keep { name, _ in !named.contains(name.folded[...]) }
        }
        return self
    }

    /// Whether the request asks for another protocol than HTTP (RFC 9110 §7.8).
    ///
    /// An offer of `h2c` alone is none: the same request over HTTP/1.1 means the same, and who offers it expects no more.
    /// A relay may have dropped `Connection` and `Upgrade`; the key of RFC 6455 still tells that no plain GET is meant.
    package var asksForUpgrade: Bool {
        if contains("sec-websocket-key") { return true }
        guard contains("upgrade") else { return false }
        return contains { field in
            guard field.isNamed("upgrade") else { return false }
            return HeaderSyntax.listMembers(of: field.value).contains { !$0.equalsIgnoringASCIICase("h2c") }
        }
    }
}

extension Span<UInt8> {
    fileprivate var foldedListMembers: [ArraySlice<UInt8>] { HeaderSyntax.listMembers(of: folded[...]) }

    /// In lower case and with `-` for `_`, as CGI programs see names.
    fileprivate var folded: [UInt8] {
        withUnsafeBufferPointer { $0.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0.asciiLowercased } }
    }
}
