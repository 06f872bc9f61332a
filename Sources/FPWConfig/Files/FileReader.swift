/// Reads whole files for the configuration; tests read from memory.
package protocol FileReader: Sendable {
    func read(_ path: String) throws(FileError) -> FileContents

    /// False where there is certainly no such folder.
    func mayHaveFolder(_ path: String) -> Bool
}

package struct FileContents: Sendable, Equatable {
    package let bytes: [UInt8]
    /// Permission bits, `0o640`.
    package let mode: Int

    package init(bytes: [UInt8], mode: Int) {
        self.bytes = bytes
        self.mode = mode
    }

    package var othersCanRead: Bool { mode & 0o004 != 0 }
}

/// Why a file cannot be read, in words for the operator: `no such file`.
package struct FileError: Error, Sendable, Equatable {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}
