import Glibc

/// Addresses of the unix domain (unix(7)).
enum UnixPath {
    /// Bytes that a path may have, so that its NUL still fits.
    static let maxLength = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// Calls with the socket address of `path`, which is in the abstract name space where it begins with `@`; nil where
    /// it is too long.
    static func withSocketAddress<Result>(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result? {
        let isAbstract = path.utf8.first == UInt8(ascii: "@")
        let name = isAbstract ? [0] + Array(path.utf8.dropFirst()) : Array(path.utf8)
        guard name.count <= maxLength else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        // An abstract name ends where the length says, a path with its NUL.
        let length = MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 2
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(length + name.count + (isAbstract ? 0 : 1)))
            }
        }
    }
}
