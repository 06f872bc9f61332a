import Glibc

/// What the program says to the one who started it: results to standard output, complaints to standard error.
///
/// Written at once and without a buffer, so that a pipe gets a line when it is said.
package enum Console {
    package static func say(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    package static func complain(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    package static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether somebody may still read what is said: not where it goes to a pipe whose reader has left.
    package static var hasReader: Bool {
        var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        return poll(&output, 1, 0) == 0
    }

    /// `14:03:22`, local.
    package static var timeOfDay: String {
        var now = time(nil)
        var local = tm()
        localtime_r(&now, &local)
        return [local.tm_hour, local.tm_min, local.tm_sec].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }
}
