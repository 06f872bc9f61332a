@testable import FPWService
import Glibc

/// A datagram socket in systemd's place.
final class NotifySocket: Sendable {
    struct Failure: Error {}

    let name: String
    private let descriptor: Int32

    init(isAbstract: Bool = true) throws {
        let unique = "fpw-notify-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        name = isAbstract ? "@\(unique)" : "/tmp/\(unique)"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard UnixPath.withSocketAddress(name, { bind(descriptor, $0, $1) }) == 0 else { throw Failure() }
    }

    deinit {
        close(descriptor)
        if !name.hasPrefix("@") { unlink(name) }
    }

    /// What a program reads in its environment under systemd.
    func environment(watchdogMicroseconds: Int? = nil) -> (String) -> String? {
        { [name] variable in
            switch variable {
            case "NOTIFY_SOCKET": name
            case "WATCHDOG_USEC": watchdogMicroseconds.map(String.init)
            default: nil
            }
        }
    }

    /// A message that was sent before, empty where none was; a datagram is there as soon as it is sent.
    func receive() -> String { receive(flags: Int32(MSG_DONTWAIT)) }

    /// The next message; empty where none comes within a minute.
    func next() async -> String {
        await onThread { [self] in
            var limit = timeval(tv_sec: 60, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            return receive(flags: 0)
        }
    }

    private func receive(flags: Int32) -> String {
        String(
            unsafeUninitializedCapacity: 4096,
            initializingUTF8With: { max(0, recv(descriptor, $0.baseAddress, $0.count, flags)) })
    }
}
