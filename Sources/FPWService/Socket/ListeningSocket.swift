import FPWMetrics
import Glibc

/// A stream socket that listens, so that a taken address is found before anything else is started.
package final class ListeningSocket: Sendable {
    /// With the port that the system chose.
    package let address: ServerAddress
    private let descriptor: Locked<Int32?>

    /// Binds and listens; a unix socket that nobody listens on any more is replaced. Its file is for its user and group at the
    /// most, whatever the umask.
    ///
    /// - Parameter key: the configuration key that holds the address, for the error.
    package init(_ address: ServerAddress, key: String) throws(BindFailure) {
        let bound: Int32
        do throws(BindFailure.Reason) {
            bound = try Self.bind(address)
        } catch {
            throw BindFailure(address: address, key: key, reason: error)
        }
        descriptor = Locked(bound)
        switch address {
        case .tcp(let host, _): self.address = .tcp(host: host, port: Self.port(of: bound))
        case .unix: self.address = address
        }
    }

    deinit {
        if let descriptor = take() { close(descriptor) }
        if case .unix(let path) = address { unlink(path) }
    }

    /// Hands the descriptor over to one who closes it; nil the second time.
    ///
    /// A unix socket's path is removed when this object is released.
    package func take() -> Int32? {
        descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
    }
}

extension ListeningSocket {
    /// Connections that wait to be accepted; the kernel caps it at net.core.somaxconn.
    private static let backlog: Int32 = 4096

    private static func bind(_ address: ServerAddress) throws(BindFailure.Reason) -> Int32 {
        switch address {
        case .tcp(let host, let port): try bind(host: host, port: port)
        case .unix(let path): try bind(path: path)
        }
    }

    private static func bind(host: String, port: Int) throws(BindFailure.Reason) -> Int32 {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(host, String(port), &hints, &list)
        guard failure == 0, let first = list?.pointee else {
            throw .unknownName(String(cString: gai_strerror(failure)))
        }
        defer { freeaddrinfo(list) }
        return try listen(first.ai_family) { socket in
            var yes: Int32 = 1
            setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
            return Glibc.bind(socket, first.ai_addr, first.ai_addrlen)
        }
    }

    private static func bind(path: String) throws(BindFailure.Reason) -> Int32 {
        try removeStaleSocket(at: path)
        return try listen(AF_UNIX) { socket in
            // The file gets the socket's own mode, less the umask: whoever may write to it may connect.
            guard fchmod(socket, 0o660) == 0 else { return -1 }
            return UnixPath.withSocketAddress(path) { Glibc.bind(socket, $0, $1) } ?? -1
        }
    }

    private static func listen(
        _ family: Int32, bind: (Int32) -> Int32
    ) throws(BindFailure.Reason) -> Int32 {
        let descriptor = socket(family, streamType, 0)
        guard descriptor >= 0 else { throw .system(errno) }
        guard bind(descriptor) == 0, Glibc.listen(descriptor, backlog) == 0 else {
            let code = errno
            close(descriptor)
            throw .system(code)
        }
        return descriptor
    }

    private static let streamType = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)

    /// Removes a socket whose owner has died without removing it; one that is served stays, and bind will say so.
    private static func removeStaleSocket(at path: String) throws(BindFailure.Reason) {
        guard path.utf8.count <= UnixPath.maxLength else { throw .pathTooLong }
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket }
        let probe = socket(AF_UNIX, streamType, 0)
        defer { close(probe) }
        let answer = UnixPath.withSocketAddress(path) { connect(probe, $0, $1) }
        if answer == -1 && errno == ECONNREFUSED { unlink(path) }
    }

    /// By getnameinfo, because the fields of `sockaddr_in` belong to whichever C module is loaded first.
    private static func port(of descriptor: Int32) -> Int {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var service = [CChar](repeating: 0, count: 16)
        withUnsafeMutablePointer(to: &address) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = getsockname(descriptor, address, &length)
                _ = getnameinfo(address, length, nil, 0, &service, socklen_t(service.count), NI_NUMERICSERV)
            }
        }
        return Int(String(decoding: service.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)) ?? 0
    }
}
