/// What the programs return (sysexits.h where it has a fitting number).
package enum ExitStatus: Int32, Sendable {
    case success = 0
    /// Wrong arguments.
    case usage = 64
    /// The relay or the local service cannot be reached (`fpwd --once`).
    case unavailable = 69
    /// The relay refuses the token or the host (`fpwd --once`).
    case refused = 77
    /// The configuration is wrong.
    case configuration = 78
}
