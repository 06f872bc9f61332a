@testable import FPWService
import Glibc

/// A client that sends bytes as they are and shows what comes back.
final class RawClient: Sendable {
    struct Failure: Error {}

    private let descriptor: Int32

    init(_ address: ServerAddress) throws {
        let isConnected: Bool
        switch address {
        case .tcp(_, let port):
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var loopback = sockaddr_in()
            loopback.sin_family = sa_family_t(AF_INET)
            loopback.sin_port = in_port_t(port).bigEndian
            loopback.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
            isConnected = withUnsafePointer(to: loopback) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
        case .unix(let path):
            descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            isConnected = UnixPath.withSocketAddress(path) { connect(descriptor, $0, $1) } == 0
        }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard isConnected else { throw Failure() }
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// What comes until it ends in `end`, the server closes or a minute passes without a byte.
    func read(until end: String) async -> String {
        await onThread { [self] in
            var bytes: [UInt8] = []
            while !bytes.reversed().starts(with: end.utf8.reversed()) || end.isEmpty {
                var piece = [UInt8](repeating: 0, count: 65_536)
                let count = recv(descriptor, &piece, piece.count, 0)
                guard count > 0 else { break }
                bytes += piece[..<count]
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    func readToEnd() async -> String { await read(until: "") }
}
