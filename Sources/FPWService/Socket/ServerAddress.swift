/// Where a server listens.
package enum ServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name or a numeric address; port 0 lets the system choose.
    case tcp(host: String, port: Int)
    case unix(path: String)

    /// 0 for a unix socket.
    package var port: Int {
        switch self {
        case .tcp(_, let port): port
        case .unix: 0
        }
    }

    package var description: String {
        switch self {
        case .tcp(let host, let port): host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
