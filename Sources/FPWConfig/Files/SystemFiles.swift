import Glibc

/// The files of this machine. Only regular files of at most 1 MiB are read: nothing that blocks, nothing without an end.
package struct SystemFiles: FileReader {
    private static let limit = 1 << 20

    package init() {}

    package func read(_ path: String) throws(FileError) -> FileContents {
        // Without O_NONBLOCK, opening a FIFO waits for its writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.error(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.error(errno) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw FileError("it is a directory; name a file")
        default: throw FileError("it is not a regular file")
        }
        return FileContents(bytes: try Self.readAll(descriptor), mode: Int(status.st_mode & 0o7777))
    }

    /// One that this user may not look into counts: the program may run as another user.
    package func mayHaveFolder(_ path: String) -> Bool {
        var status = stat()
        if stat(path, &status) == 0 { return status.st_mode & S_IFMT == S_IFDIR }
        return errno != ENOENT && errno != ENOTDIR
    }

    private static func readAll(_ descriptor: Int32) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw error(errno) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
        throw FileError("it is larger than 1 MiB")
    }

    private static func error(_ code: Int32) -> FileError {
        switch code {
        case ENOENT: FileError("no such file")
        case EACCES: FileError("permission denied; let this user or its group read it")
        default: FileError(String(cString: strerror(code)))
        }
    }
}
