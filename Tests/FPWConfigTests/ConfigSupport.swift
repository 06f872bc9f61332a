@testable import FPWConfig

/// Files that exist in memory only.
struct MemoryFiles: FileReader {
    var files: [String: FileContents] = [:]

    init(_ files: [String: (text: String, mode: Int)] = [:]) {
        self.files = files.mapValues { FileContents(bytes: Array($0.text.utf8), mode: $0.mode) }
    }

    func read(_ path: String) throws(FileError) -> FileContents {
        guard let contents = files[path] else { throw FileError("no such file") }
        return contents
    }

    func mayHaveFolder(_ path: String) -> Bool { path != "/missing" }
}

/// What is said about an fpw.conf: every error and warning, rendered.
func said(
    aboutDaemon text: String, files: MemoryFiles = MemoryFiles(), environment: [String: String] = [:]
) -> [String] {
    do throws(ConfigErrors) {
        let loaded = try DaemonConfig.load(text: text, file: "fpw.conf", files: files, environment: environment)
        return loaded.warnings.map(\.description)
    } catch {
        return error.diagnostics.map(\.description)
    }
}

/// The same about an fpw-relay.conf.
func said(
    aboutRelay text: String, files: MemoryFiles = MemoryFiles(), environment: [String: String] = [:]
) -> [String] {
    do throws(ConfigErrors) {
        let loaded = try RelayConfig.load(text: text, file: "fpw-relay.conf", files: files, environment: environment)
        return loaded.warnings.map(\.description)
    } catch {
        return error.diagnostics.map(\.description)
    }
}

/// The errors of a text, as `line:column: message`.
func syntaxErrors(_ text: String) -> [String] {
    TOMLReader.read(Array(text.utf8)).errors.map { "\($0.position.line):\($0.position.column): \($0.message)" }
}
