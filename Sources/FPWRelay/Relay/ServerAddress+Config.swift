import FPWConfig
import FPWService

extension ServerAddress {
    init(_ address: ListenAddress) {
        switch address {
        case .tcp(let host, let port): self = .tcp(host: host, port: port)
        case .unix(let path): self = .unix(path: path)
        }
    }

    /// 0 for a unix socket.
    var port: Int {
        switch self {
        case .tcp(_, let port): port
        case .unix: 0
        }
    }
}
