/// What the programs return (sysexits.h where it has a fitting number).
package enum ExitStatus: Int32, Sendable {
    case success = 0
    /// Wrong arguments.
    case usage = 64
    /// The relay or the local service (`fpwd --once`) or the running program (`status`, `ready`) cannot be reached, or does
    /// not serve.
    case unavailable = 69
    /// The relay refuses the token or the host (`fpwd --once`).
    case refused = 77
    /// The configuration is wrong.
    case configuration = 78
}
