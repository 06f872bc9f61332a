import Glibc

/// What every access line tells of a visit.
package struct AccessEntry: Sendable {
    /// The same in every program that the visit passes, and in the upstream's `X-Request-Id`.
    package var id: String
    /// An address, with a `?` behind it where it is only claimed; or `-`.
    package var address: String
    package var method: String
    package var target: [UInt8]
    package var version: String
    package var status: Int
    /// Bytes of the answer's body.
    package var sent: Int
    /// The visitor's fields of these names.
    package var referer: [UInt8]?
    package var userAgent: [UInt8]?

    package init(
        id: String, address: String, method: String, target: [UInt8], version: String = "HTTP/1.1", status: Int,
        sent: Int, referer: [UInt8]? = nil, userAgent: [UInt8]? = nil
    ) {
        self.id = id
        self.address = address
        self.method = method
        self.target = target
        self.version = version
        self.status = status
        self.sent = sent
        self.referer = referer
        self.userAgent = userAgent
    }

    /// The entry as it may be written.
    func shown(by settings: AccessLogSettings) -> AccessEntry {
        var shown = self
        if !settings.showsQuery {
            shown.target = target.withoutQuery
            shown.referer = referer?.withoutQuery
        }
        if settings.masksAddresses { shown.address = AddressMask.network(of: address) }
        return shown
    }
}

extension [UInt8] {
    /// A target or URL up to its query.
    fileprivate var withoutQuery: [UInt8] { Array(prefix { $0 != UInt8(ascii: "?") }) }
}

/// Cuts an address to the network that it is in: no longer one person's, still a region's and a provider's.
enum AddressMask {
    /// Bytes of an IPv6 address that stay: a site's /48 (RFC 6177).
    private static let kept = 6

    /// `192.0.2.0` for `192.0.2.77`, `2001:db8:1::` for `2001:db8:1:2::3`; `-` for what is no address.
    static func network(of text: String) -> String {
        let mark = text.hasSuffix("?") ? "?" : ""
        let address = text.dropLast(mark.count)
        if let dot = address.lastIndex(of: ".") { return address[..<dot] + ".0" + mark }
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, String(address), &bytes) == 1 else { return "-" }
        bytes.replaceSubrange(kept..., with: repeatElement(0, count: bytes.count - kept))
        var written = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &bytes, &written, socklen_t(written.count)) != nil else { return "-" }
        let text = written.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: text, as: UTF8.self) + mark
    }
}
