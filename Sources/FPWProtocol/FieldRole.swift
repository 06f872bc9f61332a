/// What a header field's name means to a proxy.
///
/// Every field of every visit is asked several times, hence the switch by length.
package enum FieldRole: Equatable, Sendable {
    /// Passed on as it is.
    case endToEnd
    case host
    /// Names further fields of this connection (RFC 9110 §7.6.1).
    case connection
    /// Belongs to one connection, or is answered by the proxy itself (`Expect`), or frames a body, which every hop does
    /// anew.
    case oneHop
    /// Says where a request came from: `Forwarded`, `X-Forwarded-…`, `X-Real-IP`, `X-Request-Id`, also with `_` for `-`, which CGI programs
    /// cannot tell from it.
    case origin
    /// `fpw-…`, or `fpw_…`.
    case reserved

    package init(name: Span<UInt8>) {
        self = Self.known(name) ?? Self.prefixed(name) ?? .endToEnd
    }

    private static func known(_ name: Span<UInt8>) -> FieldRole? {
        switch name.count {
        case 2 where name.isNamed("te"): .oneHop
        case 4 where name.isNamed("host"): .host
        case 6 where name.isNamed("expect"): .oneHop
        case 7 where name.isNamed("trailer") || name.isNamed("upgrade"): .oneHop
        case 9 where name.isNamed("forwarded"): .origin
        case 10 where name.isNamed("connection"): .connection
        case 10 where name.isNamed("keep-alive"): .oneHop
        case 14 where name.isNamed("content-length") || name.isNamed("http2-settings"): .oneHop
        case 17 where name.isNamed("transfer-encoding"): .oneHop
        default: nil
        }
    }

    private static func prefixed(_ name: Span<UInt8>) -> FieldRole? {
        guard !name.isEmpty else { return nil }
        switch name[0].asciiLowercased {
        case UInt8(ascii: "f") where name.hasPrefix("fpw-") || name.hasPrefix("fpw_"): return .reserved
        case UInt8(ascii: "p") where name.hasPrefix("proxy-"): return .oneHop
        case UInt8(ascii: "x") where name.isForwardingClaim: return .origin
        default: return nil
        }
    }
}

extension Span<UInt8> {
    /// Whether a name that begins with `x` is `X-Forwarded-…`, `X-Real-IP` or `X-Request-Id`, with `-` or `_` in any place.
    fileprivate var isForwardingClaim: Bool {
        hasPrefixFoldingDashes("x-forwarded-") || count == 9 && hasPrefixFoldingDashes("x-real-ip")
            || count == 12 && hasPrefixFoldingDashes("x-request-id")
    }

    private func hasPrefixFoldingDashes(_ lowercased: StaticString) -> Bool {
        guard count >= lowercased.utf8CodeUnitCount else { return false }
        for index in 0..<lowercased.utf8CodeUnitCount {
            let byte = self[index] == UInt8(ascii: "_") ? UInt8(ascii: "-") : self[index].asciiLowercased
            guard byte == lowercased.utf8Start[index] else { return false }
        }
        return true
    }
}
