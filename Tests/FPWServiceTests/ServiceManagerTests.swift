@testable import FPWService
import Glibc
import Testing

@Suite struct ServiceManagerTests {
    @Test("each state is one datagram to the socket that systemd names", arguments: [false, true])
    func messages(isAbstract: Bool) throws {
        let socket = try NotifySocket(isAbstract: isAbstract)
        let manager = ServiceManager { $0 == "NOTIFY_SOCKET" ? socket.name : nil }
        manager.ready()
        #expect(socket.receive() == "READY=1")
        manager.status("2 tunnels\nup")
        #expect(socket.receive() == "STATUS=2 tunnels up")
        manager.watchdog()
        #expect(socket.receive() == "WATCHDOG=1")
        manager.stopping()
        #expect(socket.receive() == "STOPPING=1")
    }

    @Test("a reload says when it began, on the monotonic clock")
    func reload() throws {
        let socket = try NotifySocket(isAbstract: true)
        let before = timespec.monotonicMicroseconds
        ServiceManager { $0 == "NOTIFY_SOCKET" ? socket.name : nil }.reloading()
        let parts = socket.receive().split(separator: "\n")
        #expect(parts.count == 2)
        #expect(parts.first == "RELOADING=1")
        let moment = try #require(parts.last?.split(separator: "=").last.flatMap { Int($0) })
        #expect(parts.last == "MONOTONIC_USEC=\(moment)")
        #expect((before...timespec.monotonicMicroseconds).contains(moment))
    }

    @Test("without a socket, or with one that is gone, nothing happens")
    func nobody() {
        ServiceManager { _ in nil }.ready()
        ServiceManager { _ in "/nonexistent/socket" }.ready()
        ServiceManager { _ in "/" + String(repeating: "x", count: 200) }.ready()
    }

    @Test(
        "the watchdog is meant for this process only",
        arguments: [
            (["WATCHDOG_USEC": "30000000"], .seconds(30)),
            (["WATCHDOG_USEC": "1", "WATCHDOG_PID": "\(getpid())"], .microseconds(1)),
            (["WATCHDOG_USEC": "1", "WATCHDOG_PID": "1"], nil), (["WATCHDOG_USEC": "x"], nil), ([:], nil),
        ] as [([String: String], Duration?)])
    func watchdog(environment: [String: String], interval: Duration?) {
        #expect(ServiceManager { environment[$0] }.watchdogInterval == interval)
    }
}

/// A datagram socket in systemd's place.
private final class NotifySocket {
    struct Failure: Error {}

    let name: String
    private let descriptor: Int32

    init(isAbstract: Bool) throws {
        let unique = "fpw-notify-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        name = isAbstract ? "@\(unique)" : "/tmp/\(unique)"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard UnixPath.withSocketAddress(name, { bind(descriptor, $0, $1) }) == 0 else { throw Failure() }
    }

    deinit {
        close(descriptor)
        if !name.hasPrefix("@") { unlink(name) }
    }

    /// A message that was sent before; a datagram is there as soon as it is sent.
    func receive() -> String {
        String(
            unsafeUninitializedCapacity: 4096,
            initializingUTF8With: { max(0, recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))) })
    }
}
