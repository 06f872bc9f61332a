import Glibc
import Testing

@testable import FPWConfig

/// A folder of real files, removed with its owner.
private final class Folder {
    let path: String

    init() throws {
        var template = Array("/tmp/fpw-config-XXXXXX".utf8CString)
        path = String(cString: try #require(mkdtemp(&template)))
    }

    deinit {
        for name in ["file", "fifo"] { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    func write(_ bytes: [UInt8], mode: mode_t) throws -> String {
        let file = "\(path)/file"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer { close(descriptor) }
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        try #require(fchmod(descriptor, mode) == 0)
        return file
    }
}

@Suite("Files of this machine")
struct SystemFilesTests {
    private func reason(_ path: String) -> String? {
        do throws(FileError) {
            _ = try SystemFiles().read(path)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test("a file is read whole, with its permission bits", arguments: [0, 1, 65536, 200_000])
    func readsFiles(size: Int) throws {
        let folder = try Folder()
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let file = try folder.write(bytes, mode: 0o640)
        #expect(try SystemFiles().read(file) == FileContents(bytes: bytes, mode: 0o640))
    }

    @Test("what is no file of reasonable size is refused in words")
    func refusesOtherThings() throws {
        let folder = try Folder()
        #expect(reason("\(folder.path)/none") == "no such file")
        #expect(reason(folder.path) == "it is a directory; name a file")
        #expect(reason("/dev/zero") == "it is not a regular file")
        try #require(mkfifo("\(folder.path)/fifo", 0o600) == 0)
        #expect(reason("\(folder.path)/fifo") == "it is not a regular file")
        let large = try folder.write([UInt8](repeating: 0x20, count: 1 << 20 | 1), mode: 0o600)
        #expect(reason(large) == "it is larger than 1 MiB")
    }

    @Test("a configuration that cannot be read is named")
    func namesTheFile() throws {
        let folder = try Folder()
        #expect(
            throws: ConfigErrors([Diagnostic(.error, in: folder.path, "cannot be read: it is a directory; name a file")]
            )
        ) {
            try DaemonConfig.load(file: folder.path)
        }
        #expect(throws: ConfigErrors([Diagnostic(.error, in: "/nowhere/x.conf", "cannot be read: no such file")])) {
            try RelayConfig.load(file: "/nowhere/x.conf")
        }
    }
}
