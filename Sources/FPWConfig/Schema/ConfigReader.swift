/// Reads the tables of one file by their schemas and collects everything that is wrong.
struct ConfigReader {
    let file: String
    let surroundings: Surroundings
    let othersCanReadFile: Bool
    let document: TOMLDocument
    /// The tables that this file may have.
    var knownTables: [TableOutline] = []
    private var diagnostics: [Diagnostic] = []

    init(_ contents: FileContents, file: String, surroundings: Surroundings) {
        self.file = file
        self.surroundings = surroundings
        othersCanReadFile = contents.othersCanRead
        document = TOMLReader.read(contents.bytes)
        for error in document.errors { self.error(at: error.position, error.message) }
    }

    mutating func error(at position: SourcePosition?, _ message: String) {
        diagnostics.append(Diagnostic(.error, in: file, at: position, message))
    }

    mutating func warn(at position: SourcePosition?, _ message: String) {
        diagnostics.append(Diagnostic(.warning, in: file, at: position, message))
    }

    mutating func add(_ others: [Diagnostic]) { diagnostics += others }

    /// The warnings, if there are no errors.
    func finish() throws(ConfigErrors) -> [Diagnostic] {
        guard !diagnostics.contains(where: { $0.severity == .error }) else { throw ConfigErrors(diagnostics) }
        return diagnostics.sortedByPosition()
    }
}
