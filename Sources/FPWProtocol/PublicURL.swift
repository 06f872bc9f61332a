/// What a relay says in `fpw-public-url`: where visitors find the host (PROTOCOL.md §4).
package enum PublicURL {
    /// The longest that is taken, in bytes.
    private static let limit = 2048

    /// The URL, where it can be one: it is shown on terminals and pages, and a relay may say anything.
    package static func read(_ value: ArraySlice<UInt8>) -> String? {
        let isWeb = value.span.hasPrefix("http://") || value.span.hasPrefix("https://")
        guard isWeb, value.count <= limit, value.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return String(decoding: value, as: UTF8.self)
    }
}
