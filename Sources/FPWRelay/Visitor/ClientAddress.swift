import FPWConfig
import FPWProtocol

/// The other end of a connection.
struct Peer: Sendable {
    /// Nil where it is none of IP.
    let address: IPAddress?
    let text: String

    init(_ ipAddress: String?) {
        address = ipAddress.flatMap { IPAddress($0) }
        text = address?.description ?? "unknown"
    }
}

/// The address behind a connection: the peer's own, or what trusted proxies say of it.
struct ClientAddress: Equatable {
    let text: String
    /// The peer is a trusted proxy, whose other `X-Forwarded-…` fields are believed too.
    let isProxied: Bool

    /// The rightmost address in `X-Forwarded-For` that is no trusted proxy's: all to the left of it is the client's word.
    init(_ peer: Peer, headers: HeaderFields, trusted: [AddressRange]) {
        guard !trusted.isEmpty, let address = peer.address, trusted.contains(where: { $0.contains(address) }) else {
            text = peer.text
            isProxied = false
            return
        }
        let chain = headers.filter { $0.isNamed("x-forwarded-for") }.flatMap {
            HeaderSyntax.listMembers(of: $0.value).map { String(decoding: $0, as: UTF8.self) }
        }
        var client = address
        for entry in chain.reversed() {
            guard let address = IPAddress(entry) else { break }
            client = address
            guard trusted.contains(where: { $0.contains(address) }) else { break }
        }
        text = client.description
        isProxied = true
    }
}
