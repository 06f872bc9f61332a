import FPWConfig
import Glibc
import Testing

@testable import FPWDaemon

@Suite struct KeptNameTests {
    @Test("a name is drawn once and found again, for each key its own")
    func kept() throws {
        let folder = try Folder()
        func name(_ key: String, drawn: String) throws -> String {
            try KeptName(key: key, in: folder.path + "/state/fpwd") { drawn }.host
        }
        #expect(try name("relay 3000", drawn: "moon.28820.com") == "moon.28820.com")
        #expect(try name("relay 3000", drawn: "sun.28820.com") == "moon.28820.com")
        #expect(try name("relay 4000", drawn: "sun.28820.com") == "sun.28820.com")
    }

    @Test("the file and its folder are for their owner alone")
    func modes() throws {
        let folder = try Folder()
        let kept = try KeptName(key: "key", in: folder.path + "/fpwd") { "moon.28820.com" }
        let files = folder.files(in: "fpwd")
        try #require(files.count == 1)
        #expect(mode(of: folder.path + "/fpwd") == 0o700)
        #expect(mode(of: folder.path + "/fpwd/" + files[0]) == 0o600)
        withExtendedLifetime(kept) {}
    }

    @Test("a second run of the same key learns who runs")
    func locked() throws {
        let folder = try Folder()
        let first = try KeptName(key: "key", in: folder.path, pid: 4711) { "moon.28820.com" }
        #expect(throws: KeptNameError.alreadyRunning(host: "moon.28820.com", pid: 4711)) {
            try KeptName(key: "key", in: folder.path) { "sun.28820.com" }
        }
        withExtendedLifetime(first) {}
    }

    @Test("a folder that cannot be made is told with its path")
    func noFolder() {
        #expect(throws: KeptNameError.cannotKeep("/dev/null/fpwd", errno: ENOTDIR)) {
            try KeptName(key: "key", in: "/dev/null/fpwd") { "moon.28820.com" }
        }
    }

    @Test(
        "a file without a host name counts as new", arguments: ["", "host\n", "host a b\n", "host \u{7}\n", "pid 1\n"])
    func damaged(text: String) {
        #expect(KeptName.Record(text) == nil)
    }

    @Test("what is written is read again")
    func record() {
        let record = KeptName.Record(host: "moon.28820.com", pid: 7)
        #expect(record.text(key: "relay 3000") == "host moon.28820.com\npid 7\nfor relay 3000\n")
        #expect(KeptName.Record(record.text(key: "relay 3000")) == record)
    }

    @Test(
        "the service manager's folder goes before the user's",
        arguments: [
            (["STATE_DIRECTORY": "/var/lib/fpwd:/var/lib/x", "XDG_STATE_HOME": "/s", "HOME": "/h"], "/var/lib/fpwd"),
            (["XDG_STATE_HOME": "/s", "HOME": "/h"], "/s/fpwd"),
            (["XDG_STATE_HOME": "relative", "HOME": "/h"], "/h/.local/state/fpwd"),
            (["HOME": ""], nil),
            ([:], nil),
        ] as [([String: String], String?)])
    func directory(environment: [String: String], directory: String?) {
        #expect(KeptName.directory { environment[$0] } == directory)
    }

    @Test("the messages name the tunnel, and what is known of the other run")
    func texts() throws {
        let running = KeptNameError.alreadyRunning(host: "moon.28820.com", pid: 7)
        let upstream = try TunnelConfig.quick().upstream
        #expect(
            running.text(about: upstream)
                == "fpwd: already running for http://127.0.0.1:3000 as moon.28820.com, pid 7")
        #expect(
            KeptNameError.cannotKeep("/state", errno: EACCES).text(about: upstream)
                == "fpwd: the drawn name is not kept for the next run: /state: Permission denied")
    }

    private func mode(of path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }
}

/// A folder that vanishes with the test.
private final class Folder {
    let path: String

    init() throws {
        var template = Array("/tmp/fpwd-test.XXXXXX\0".utf8CString)
        guard mkdtemp(&template) != nil else { throw FolderFailure(errno: errno) }
        path = String(decoding: template.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    }

    deinit {
        for name in files(in: "fpwd") { unlink("\(path)/fpwd/\(name)") }
        for name in files(in: "state/fpwd") { unlink("\(path)/state/fpwd/\(name)") }
        for name in files(in: "") { unlink("\(path)/\(name)") }
        for folder in ["/fpwd", "/state/fpwd", "/state", ""] { rmdir(path + folder) }
    }

    func files(in folder: String) -> [String] {
        guard let directory = opendir("\(path)/\(folder)") else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}

private struct FolderFailure: Error {
    let errno: Int32
}
