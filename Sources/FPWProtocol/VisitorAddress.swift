/// Who the visitor is, as far as the relay told (PROTOCOL.md §1).
package enum VisitorAddress: Hashable, Sendable {
    /// The relay said so.
    case verified(String)
    /// The visitor's own `x-forwarded-for`: no address rule lets it in, and it is never passed on as the truth.
    case unverified(String)
    case unknown

    /// Reads a visit's answer fields, and where they name nobody, the visitor's own fields.
    package init(answer: HeaderFields, visitor: HeaderFields) {
        if let text = Self.address(answer.first(FPWField.ip) ?? answer.first(FPWField.uip)) {
            self = .verified(text)
        } else if let text = Self.address(visitor.first("x-forwarded-for")) {
            self = .unverified(text)
        } else {
            self = .unknown
        }
    }

    /// The first address of a list. What does not look like an address is none: the text reaches logs and header fields.
    private static func address(_ value: ArraySlice<UInt8>?) -> String? {
        guard let first = value?.prefix(while: { $0 != UInt8(ascii: ",") }).trimmingBlanks,
            (2...64).contains(first.count), first.allSatisfy(\.isAddressCharacter)
        else { return nil }
        return String(decoding: first, as: UTF8.self)
    }
}

extension VisitorAddress: CustomStringConvertible {
    /// For logs: the address, with a `?` where it is not verified, or `-`.
    package var description: String {
        switch self {
        case .verified(let text): text
        case .unverified(let text): text + "?"
        case .unknown: "-"
        }
    }
}

extension UInt8 {
    fileprivate var isAddressCharacter: Bool {
        hexadecimalValue != nil || self == UInt8(ascii: ".") || self == UInt8(ascii: ":")
    }
}
