/// A network in CIDR notation, or a single address: `10.0.0.0/8`, `::1`.
package struct AddressRange: Sendable, Hashable {
    package let address: IPAddress
    package let prefixLength: Int

    /// Reads IPv4 or IPv6 text, with or without `/prefix`. The bits behind the prefix must be zero.
    package init(parsing text: String) throws(InvalidValue) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else {
            throw InvalidValue("is no address or network; write \"10.0.0.0/8\" or \"::1\"")
        }
        let bitCount = address.bytes.count * 8
        self.address = address
        prefixLength = parts.count == 1 ? bitCount : try Self.prefixLength(parts[1], upTo: bitCount)
        let network = Self.masked(address, prefixLength)
        guard network == address.bytes else {
            let proposal = IPAddress(bytes: network).map { "; write \"\($0)/\(prefixLength)\"" } ?? ""
            throw InvalidValue("names an address inside its network\(proposal)")
        }
    }

    /// The same; nil where the text is no range.
    package init?(_ text: String) {
        guard let range = try? AddressRange(parsing: text) else { return nil }
        self = range
    }

    package func contains(_ other: IPAddress) -> Bool {
        other.isIPv6 == address.isIPv6 && Self.masked(other, prefixLength) == address.bytes
    }

    private static func prefixLength(_ text: Substring, upTo limit: Int) throws(InvalidValue) -> Int {
        guard !text.isEmpty, text.count <= 3, text.allSatisfy({ "0123456789".contains($0) }), let length = Int(text),
            length <= limit
        else { throw InvalidValue("has a prefix length outside 0…\(limit)") }
        return length
    }

    private static func masked(_ address: IPAddress, _ prefixLength: Int) -> [UInt8] {
        address.bytes.enumerated().map { index, byte in
            let keptBits = min(8, max(0, prefixLength - index * 8))
            return byte & UInt8(truncatingIfNeeded: 0xFF00 >> keptBits)
        }
    }
}

extension AddressRange: CustomStringConvertible {
    package var description: String {
        prefixLength == address.bytes.count * 8 ? "\(address)" : "\(address)/\(prefixLength)"
    }
}
