import FPWConfig
import FPWProtocol

/// Whom a limit takes for one visitor.
enum VisitorBlock: Hashable {
    case known(AddressBlock)
    /// All whose address the relay does not tell: what they say themselves could be another one each time.
    case unverified

    init(_ address: VisitorAddress) {
        self = address.known.map { .known(AddressBlock($0)) } ?? .unverified
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
