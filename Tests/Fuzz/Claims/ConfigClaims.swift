import FPWConfig

/// A file is read to the same configuration again, with other line ends too, or every error has its place in the file.
func checkConfig(_ input: [UInt8]) throws(BrokenClaim) {
    try expectSteady(input) { file throws(ConfigErrors) in
        try DaemonConfig.load(file: file.path, files: file, environment: [:])
    }
    try expectSteady(input) { file throws(ConfigErrors) in
        try RelayConfig.load(file: file.path, files: file, environment: [:])
    }
}

private func expectSteady<Config: Equatable>(
    _ input: [UInt8], _ load: (OneFile) throws(ConfigErrors) -> Loaded<Config>
) throws(BrokenClaim) {
    let loaded: Loaded<Config>
    do throws(ConfigErrors) {
        loaded = try load(OneFile(bytes: input))
    } catch {
        return try expectPlaced(error, lines: input.count { $0 == UInt8(ascii: "\n") } + 1)
    }
    try expect(!loaded.effectiveText.isEmpty, "no effective text")
    let commented = try? load(OneFile(bytes: input + "\n# a comment\n".utf8))
    try expect(commented?.config == loaded.config, "a comment changes the configuration")
    guard !input.contains(UInt8(ascii: "\r")) else { return }
    let lines = input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let windows = try? load(OneFile(bytes: Array(lines.joined(separator: "\r\n".utf8))))
    try expect(windows?.config == loaded.config, "CR LF changes the configuration")
}

private func expectPlaced(_ errors: ConfigErrors, lines: Int) throws(BrokenClaim) {
    try expect(errors.diagnostics.contains { $0.severity == .error }, "refused without an error")
    for diagnostic in errors.diagnostics {
        try expect(!diagnostic.message.isEmpty, "an error without a message")
        try expect(!diagnostic.message.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "a message holds a control character")
        guard let position = diagnostic.position else { continue }
        try expect((1...lines).contains(position.line) && position.column >= 1, "\(diagnostic) is not in the file")
    }
}

/// The file to read, and another that is a token; there are no others.
private struct OneFile: FileReader {
    let path = "/etc/fuzzed.conf"
    let bytes: [UInt8]

    func mayHaveFolder(_ path: String) -> Bool { path == "/" }

    func read(_ path: String) throws(FileError) -> FileContents {
        switch path {
        case self.path: return FileContents(bytes: bytes, mode: 0o600)
        case "/t": return FileContents(bytes: Array("0123456789abcdef0123\n".utf8), mode: 0o600)
        default: throw FileError("no such file")
        }
    }
}
