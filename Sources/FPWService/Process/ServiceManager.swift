import Glibc

/// Tells systemd how the process is doing (sd_notify(3)), without its library.
///
/// Says nothing where the process was not started with a notification socket. No message is waited for: systemd's socket
/// is local and a lost state line is not worth a stop.
package struct ServiceManager: Sendable {
    private let socket: NotifySocket?
    /// How often `watchdog()` must be called at least; nil where systemd does not watch this process.
    package let watchdogInterval: Duration?

    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` (sd_watchdog_enabled(3)).
    package init(environment: (String) -> String? = ProcessSetup.environment) {
        socket = environment("NOTIFY_SOCKET").flatMap { NotifySocket(to: $0) }
        let isWatched = environment("WATCHDOG_PID").map { $0 == String(getpid()) } ?? true
        watchdogInterval = isWatched ? environment("WATCHDOG_USEC").flatMap { Int($0) }.map { .microseconds($0) } : nil
    }

    /// Whether somebody hears what is said: what nobody hears need not be worked out.
    package var isListening: Bool { socket != nil }

    /// The service is up, or has finished a reload.
    package func ready() { send("READY=1") }

    /// The service goes down.
    package func stopping() { send("STOPPING=1") }

    /// A reload begins; `ready()` ends it.
    package func reloading() { send("RELOADING=1\nMONOTONIC_USEC=\(timespec.monotonicMicroseconds)") }

    package func watchdog() { send("WATCHDOG=1") }

    /// One line for `systemctl status`.
    package func status(_ text: String) {
        send("STATUS=\(String(text.map { $0.isNewline ? " " : $0 }))")
    }

    private func send(_ message: String) { socket?.send(message) }
}

/// An unconnected datagram socket, opened once: a process that is out of descriptors must still be able to say that it
/// lives.
private final class NotifySocket: Sendable {
    private let path: String
    private let descriptor: Int32

    init?(to path: String) {
        descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.path = path
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    func send(_ message: String) {
        let bytes = Array(message.utf8)
        _ = UnixPath.withSocketAddress(path) { address, length in
            sendto(
                descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), address, length)
        }
    }
}
