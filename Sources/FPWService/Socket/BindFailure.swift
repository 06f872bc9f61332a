import Glibc

/// Why a server cannot listen, in words for the operator.
package struct BindFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Error, Hashable, Sendable {
        /// An `errno`.
        case system(Int32)
        case unknownName(String)
        case pathTooLong
        case notASocket
    }

    package let address: ServerAddress
    /// The configuration key that holds the address.
    package let key: String
    package let reason: Reason

    package var description: String { "\(key) = \"\(address)\": \(explanation)" }

    private var explanation: String {
        switch reason {
        case .system(EADDRINUSE): "the address is in use; stop what listens there or choose another"
        case .system(EADDRNOTAVAIL): "this machine has no such address"
        case .system(let code): "cannot listen: \(String(cString: strerror(code)))"
        case .unknownName(let why): "the name cannot be resolved: \(why)"
        case .pathTooLong: "the path is longer than \(UnixPath.maxLength) bytes"
        case .notASocket: "a file that is no socket stands there"
        }
    }
}
