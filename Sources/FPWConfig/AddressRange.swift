/// A network in CIDR notation, or a single address: `10.0.0.0/8`, `::1`.
package struct AddressRange: Sendable, Hashable {
    package let bytes: [UInt8]
    package let prefixLength: Int

    /// Reads IPv4 or IPv6 text, with or without `/prefix`; nil where it is neither.
    package init?(_ text: String) { return nil }
}
