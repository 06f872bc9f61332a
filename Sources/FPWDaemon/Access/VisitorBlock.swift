import FPWConfig
import FPWProtocol

/// Whom a limit takes for one visitor: an IPv4 address, or an IPv6 /64, of which one customer has all (RFC 6177).
enum VisitorBlock: Hashable {
    case v4(UInt64)
    case v6(UInt64)
    /// All whose address the relay does not tell: what they say themselves could be another one each time.
    case unverified

    init(_ address: VisitorAddress) {
        guard let known = address.known else {
            self = .unverified
            return
        }
        let bits = known.bytes.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        self = known.isIPv6 ? .v6(bits) : .v4(bits)
    }
}

extension VisitorAddress {
    /// What the relay told; nil where it told nothing that is an address.
    var known: IPAddress? {
        switch self {
        case .verified(let text): IPAddress(text)
        case .unverified, .unknown: nil
        }
    }

    /// The same, or what the visitor says of itself.
    var claimed: IPAddress? {
        switch self {
        case .verified(let text), .unverified(let text): IPAddress(text)
        case .unknown: nil
        }
    }
}
