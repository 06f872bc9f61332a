@testable import FPWService
import Glibc
import Testing

@Suite struct ServiceManagerTests {
    @Test("each state is one datagram to the socket that systemd names", arguments: [false, true])
    func messages(isAbstract: Bool) throws {
        let socket = try NotifySocket(isAbstract: isAbstract)
        let manager = ServiceManager(environment: socket.environment())
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
        let socket = try NotifySocket()
        let before = timespec.monotonicMicroseconds
        ServiceManager(environment: socket.environment()).reloading()
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
