/// What a header field's name means to a proxy.
///
/// CGI programs cannot tell `_` in a name from `-`, so one is as good as the other. Every field of every visit is asked several
/// times, hence the switch by length.
package enum FieldRole: Equatable, Sendable {
    /// Passed on as it is.
    case endToEnd
    case host
    /// Names further fields of this connection (RFC 9110 §7.6.1).
    case connection
    /// Belongs to one connection, or is answered by the proxy itself (`Expect`), or frames a body, which every hop does
    /// anew. `Proxy` too, which CGI programs would take for the setting `HTTP_PROXY` (CVE-2016-5385).
    case oneHop
    /// Says where a request came from: `Forwarded`, `X-Forwarded-…`, `X-Real-IP`, `X-Request-Id`.
    case origin
    /// `fpw-…`.
    case reserved

    package init(name: Span<UInt8>) {
        self = Self.known(name) ?? Self.prefixed(name) ?? .endToEnd
    }

    private static func known(_ name: Span<UInt8>) -> FieldRole? {
        switch name.count {
        case 2 where name.isNamed("te"): .oneHop
        case 4 where name.isNamed("host"): .host
        case 5 where name.isNamed("proxy"): .oneHop
        case 6 where name.isNamed("expect"): .oneHop
        case 7 where name.isNamed("trailer") || name.isNamed("upgrade"): .oneHop
        case 9 where name.isNamed("forwarded"): .origin
        case 10 where name.isNamed("connection"): .connection
        case 10 where name.hasPrefixFoldingDashes("keep-alive"): .oneHop
        case 14 where name.hasPrefixFoldingDashes("content-length") || name.hasPrefixFoldingDashes("http2-settings"):
            .oneHop
        case 17 where name.hasPrefixFoldingDashes("transfer-encoding"): .oneHop
        default: nil
        }
    }

    private static func prefixed(_ name: Span<UInt8>) -> FieldRole? {
        guard !name.isEmpty else { return nil }
        switch name[0].asciiLowercased {
        case UInt8(ascii: "f") where name.hasPrefixFoldingDashes("fpw-"): return .reserved
        case UInt8(ascii: "p") where name.hasPrefixFoldingDashes("proxy-"): return .oneHop
        case UInt8(ascii: "x") where name.isForwardingClaim: return .origin
        default: return nil
        }
    }
}

extension Span<UInt8> {
    /// Whether a name that begins with `x` is `X-Forwarded-…`, `X-Real-IP` or `X-Request-Id`.
    fileprivate var isForwardingClaim: Bool {
        hasPrefixFoldingDashes("x-forwarded-") || count == 9 && hasPrefixFoldingDashes("x-real-ip")
            || count == 12 && hasPrefixFoldingDashes("x-request-id")
    }

    fileprivate func hasPrefixFoldingDashes(_ lowercased: StaticString) -> Bool {
        guard count >= lowercased.utf8CodeUnitCount else { return false }
        for index in 0..<lowercased.utf8CodeUnitCount {
            let byte = self[index] == UInt8(ascii: "_") ? UInt8(ascii: "-") : self[index].asciiLowercased
            guard byte == lowercased.utf8Start[index] else { return false }
        }
        return true
    }
}
