import Glibc

/// A file without a name, gone when its descriptor is closed.
enum SpoolFile {
    /// O_TMPFILE, a macro too complex for Swift's importer (open(2)).
    private static let temporary: Int32 = 0o20000000 | O_DIRECTORY

    /// Nil where the directory for temporary files takes none.
    static func open() -> Int32? {
        let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let descriptor = Glibc.open(directory, temporary | O_RDWR | O_CLOEXEC, 0o600)
        return descriptor >= 0 ? descriptor : nil
    }
}
