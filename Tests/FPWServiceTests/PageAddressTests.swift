@testable import FPWService
import Glibc
import Testing

@Suite struct PageAddressTests {
    static let listener = ServerAddress.tcp(host: "127.0.0.1", port: 9882)

    static func address(_ environment: [String: String], program: String = "fpwd", isRoot: Bool = false) -> PageAddress
    {
        PageAddress(program: program, address: listener, isRoot: isRoot) { environment[$0] }
    }

    @Test(
        "the file goes to the service manager's folder, the user's, or the system's",
        arguments: [
            (["RUNTIME_DIRECTORY": "/run/x:/run/y", "XDG_RUNTIME_DIR": "/run/user/1"], false, "/run/x"),
            (["XDG_RUNTIME_DIR": "/run/user/1"], true, "/run/user/1/fpwd"),
            (["HOME": "/root"], true, "/run/fpwd"),
            (["HOME": "/home/a", "XDG_STATE_HOME": "/state"], false, "/state/fpwd"),
            (["HOME": "/home/a", "XDG_STATE_HOME": "not/absolute"], false, "/home/a/.local/state/fpwd"),
            ([:], false, nil),
        ] as [([String: String], Bool, String?)]
    )
    func folder(environment: [String: String], isRoot: Bool, folder: String?) {
        #expect(Self.address(environment, isRoot: isRoot).folder == folder)
    }

    @Test("it is looked for in every folder that the program may have written to")
    func folders() {
        let address = Self.address(["XDG_RUNTIME_DIR": "/run/user/1", "HOME": "/home/a"])
        #expect(address.folders == ["/run/user/1/fpwd", "/run/fpwd", "/home/a/.local/state/fpwd"])
    }

    @Test("what is written can be read by its owner alone, and is removed unless a successor has replaced it")
    func written() throws {
        // A real fpwd's file may lie in the system's folder.
        let program = "fpwd-test-\(UInt32.random(in: 0...UInt32.max))"
        let root = "/tmp/\(program)"
        let file = "\(root)/\(program)/127.0.0.1_9882.url"
        defer {
            unlink(file)
            rmdir("\(root)/\(program)")
            rmdir(root)
        }
        let address = Self.address(["XDG_RUNTIME_DIR": root], program: program)
        #expect(throws: PageAddress.Failure.missing) { try address.read() }
        try address.write("http://one/")
        try address.write("http://two/")
        #expect(try address.read() == "http://two/")
        var status = stat()
        #expect(lstat(file, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        address.remove("http://one/")
        #expect(access(file, F_OK) == 0)
        address.remove("http://two/")
        #expect(access(file, F_OK) == -1)
    }

    @Test("another user's file does not hide one that can be read")
    func search() throws {
        let address = Self.address(["XDG_RUNTIME_DIR": "/run/user/1", "HOME": "/home/a"])
        func found(_ readable: String?) throws(PageAddress.Failure) -> String {
            try address.read { path in
                errno = path.hasPrefix("/run/fpwd/") ? EACCES : ENOENT
                return readable.flatMap { path.hasPrefix($0) ? path : nil }
            }
        }
        #expect(try found("/home/a") == "/home/a/.local/state/fpwd/127.0.0.1_9882.url")
        #expect(throws: PageAddress.Failure.notPermitted("/run/fpwd/127.0.0.1_9882.url")) { try found(nil) }
    }

    @Test("a folder that cannot be made is named")
    func unwritable() {
        let address = Self.address(["XDG_RUNTIME_DIR": "/dev/null"])
        #expect(throws: PageAddress.Failure.cannotWrite("/dev/null/fpwd", errno: ENOTDIR)) {
            try address.write("http://one/")
        }
    }
}
