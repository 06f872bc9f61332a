@testable import FPWService
import Glibc
import Testing

@Suite final class ListeningSocketTests {
    private let directory = "/tmp/fpw-listen-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"

    init() { mkdir(directory, 0o700) }

    deinit {
        unlink("\(directory)/file")
        rmdir(directory)
    }

    @Test("port 0 becomes the port that the system chose", arguments: ["127.0.0.1", "localhost"])
    func port(host: String) throws {
        let socket = try ListeningSocket(.tcp(host: host, port: 0), key: "listen")
        guard case .tcp(host, let port) = socket.address else { throw BindFailure.Reason.notASocket }
        #expect(port > 0)
    }

    @Test("a taken port is told with the address and the key")
    func taken() throws {
        let first = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0), key: "listen")
        let failure = #expect(throws: BindFailure.self) {
            try ListeningSocket(first.address, key: "admin_listen")
        }
        #expect(
            failure?.description
                == "admin_listen = \"\(first.address)\": the address is in use; stop what listens there or choose another"
        )
    }

    @Test(
        "a failure says what to change",
        arguments: [
            (.system(EADDRNOTAVAIL), "this machine has no such address"),
            (.system(EACCES), "cannot listen: Permission denied"),
            (.unknownName("Name or service not known"), "the name cannot be resolved: Name or service not known"),
            (.pathTooLong, "the path is longer than 107 bytes"), (.notASocket, "a file that is no socket stands there"),
        ] as [(BindFailure.Reason, String)])
    func failures(reason: BindFailure.Reason, text: String) {
        let failure = BindFailure(address: .tcp(host: "::1", port: 80), key: "listen", reason: reason)
        #expect(failure.description == "listen = \"[::1]:80\": \(text)")
    }

    @Test("a unix socket's file is gone with it")
    func removed() throws {
        let path = "\(directory)/removed"
        var socket: ListeningSocket? = try ListeningSocket(.unix(path: path), key: "listen")
        #expect(socket?.address == .unix(path: path))
        #expect(access(path, F_OK) == 0)
        socket = nil
        #expect(access(path, F_OK) == -1)
    }

    @Test("a unix socket is open to its user and group at the most")
    func mode() throws {
        let path = "\(directory)/mode"
        let socket = try ListeningSocket(.unix(path: path), key: "listen")
        var status = stat()
        #expect(lstat(path, &status) == 0)
        #expect(status.st_mode & 0o7777 & ~0o660 == 0)
        #expect(socket.address == .unix(path: path))
    }

    @Test("a socket that a dead process left is replaced, one that is served is not")
    func stale() throws {
        let path = "\(directory)/stale"
        let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #expect(UnixPath.withSocketAddress(path) { bind(dead, $0, $1) } == 0)
        close(dead)
        let replaced = try ListeningSocket(.unix(path: path), key: "listen")
        #expect(throws: BindFailure(address: replaced.address, key: "listen", reason: .system(EADDRINUSE))) {
            try ListeningSocket(.unix(path: path), key: "listen")
        }
    }

    @Test("a file that is no socket is left alone")
    func file() throws {
        let path = "\(directory)/file"
        close(creat(path, 0o600))
        let address = ServerAddress.unix(path: path)
        #expect(throws: BindFailure(address: address, key: "listen", reason: .notASocket)) {
            try ListeningSocket(address, key: "listen")
        }
        #expect(access(path, F_OK) == 0)
    }

    @Test("a path that no socket address can hold is refused")
    func tooLong() {
        let address = ServerAddress.unix(path: "/" + String(repeating: "x", count: 107))
        #expect(throws: BindFailure(address: address, key: "listen", reason: .pathTooLong)) {
            try ListeningSocket(address, key: "listen")
        }
    }
}
