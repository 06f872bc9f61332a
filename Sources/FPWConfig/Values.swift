/// A number of bytes.
package struct ByteCount: Sendable, Hashable, Comparable {
    package var bytes: Int

    package init(bytes: Int) { self.bytes = bytes }

    package static func kibibytes(_ count: Int) -> ByteCount { ByteCount(bytes: count << 10) }
    package static func mebibytes(_ count: Int) -> ByteCount { ByteCount(bytes: count << 20) }
    package static func gibibytes(_ count: Int) -> ByteCount { ByteCount(bytes: count << 30) }

    package static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }
}

/// The local service: `http://host:port`, `https://…` or `unix:/path.sock`; no path, query or user.
package struct UpstreamAddress: Sendable, Hashable {
    package enum Endpoint: Sendable, Hashable {
        case http(host: String, port: Int)
        case https(host: String, port: Int)
        case unix(path: String)
    }

    package let endpoint: Endpoint

    package init(_ endpoint: Endpoint) { self.endpoint = endpoint }
}

/// The URL of a relay: `http` or `https`, host, port, path.
package struct RelayURL: Sendable, Hashable {
    /// As it was written, normalised to have a path.
    package let text: String
    package let isHTTPS: Bool
    package let host: String
    package let port: Int

    package init(text: String, isHTTPS: Bool, host: String, port: Int) {
        self.text = text
        self.isHTTPS = isHTTPS
        self.host = host
        self.port = port
    }
}
