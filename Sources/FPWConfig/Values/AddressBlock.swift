/// What a limit takes for one visitor: an IPv4 address, or an IPv6 /64, of which one customer has all (RFC 6177).
package struct AddressBlock: Sendable, Hashable {
    /// The first eight bytes, or all four.
    private let bits: UInt64
    private let isIPv6: Bool

    package init(_ address: IPAddress) {
        bits = address.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        isIPv6 = address.isIPv6
    }
}

extension AddressBlock: CustomStringConvertible {
    /// `192.0.2.7`, `2001:db8::/64`.
    package var description: String {
        let count = isIPv6 ? 8 : 4
        let bytes = (1...count).map { UInt8(truncatingIfNeeded: bits >> (8 * (count - $0))) }
        let padding = [UInt8](repeating: 0, count: isIPv6 ? 8 : 0)
        return IPAddress(bytes: bytes + padding).map { isIPv6 ? "\($0)/64" : "\($0)" } ?? ""
    }
}
