/// Reads TOML-lite: a strict subset of TOML 1.0 (https://toml.io/en/v1.0.0).
///
/// Every text that is accepted means what TOML says it means. Anything else leaves errors in the document: after one,
/// reading goes on with the next value or line. It takes time in proportion to the text, whatever the text is.
struct TOMLReader {
    var scanner: TOMLScanner
    var document = TOMLDocument()
    /// Where keys go; nil below a header that was not understood, whose keys are checked for syntax only.
    private var current: TOMLTable.ID? = .root

    static func read(_ bytes: [UInt8]) -> TOMLDocument {
        let (scalars, encodingErrors) = TOMLEncoding.decode(bytes)
        var reader = TOMLReader(scanner: TOMLScanner(scalars))
        reader.readLines()
        // What else seems wrong on a line of broken bytes may come from their replacement.
        let brokenLines = Set(encodingErrors.map(\.position.line))
        let others = reader.document.errors.filter { !brokenLines.contains($0.position.line) }
        reader.document.errors = (encodingErrors + others).sorted { $0.position < $1.position }
        return reader.document
    }

    private init(scanner: TOMLScanner) { self.scanner = scanner }

    func error(at position: SourcePosition? = nil, _ message: String) -> SyntaxError {
        SyntaxError(position: position ?? scanner.position, message: message)
    }

    mutating func report(_ error: SyntaxError) { document.errors.append(error) }

    private mutating func readLines() {
        while !scanner.isAtEnd {
            do {
                try readLine()
            } catch {
                report(error)
                if let current { document[current].isDamaged = true }
                scanner.skipLine()
            }
            if scanner.next == "\r" { scanner.advance() }
            scanner.advance()
        }
    }

    private mutating func readLine() throws(SyntaxError) {
        scanner.skipBlanks()
        if scanner.next == "[" {
            current = nil
            current = try readHeader()
        } else if !scanner.isAtLineEnd && scanner.next != "#" {
            try readKeyAndValue()
        }
        try readLineEnd()
    }

    private mutating func readLineEnd() throws(SyntaxError) {
        scanner.skipBlanks()
        if scanner.next == "#" { try skipComment() }
        guard scanner.isAtLineEnd else {
            throw error("something follows the end of the line's content; put it on a line of its own, or behind '#'")
        }
    }

    mutating func skipComment() throws(SyntaxError) {
        while !scanner.isAtLineEnd, let scalar = scanner.next {
            if scalar.isForbiddenControl {
                throw error("control character \(scalar.codePoint) in a comment; remove it")
            }
            scanner.advance()
        }
    }

    private mutating func readKeyAndValue() throws(SyntaxError) {
        let key = try readKey()
        scanner.skipBlanks()
        if scanner.next == "." {
            // `a.b = 1` makes `a` a table, so no other line may complain about it.
            if let current, document[current].entry(key.name) == nil { add(key, .unreadable) }
            throw error(at: key.position, "dotted keys are not supported; write the key below a [table] header")
        }
        guard scanner.skip("=") else { throw error("'=' is missing after the key; write key = value") }
        scanner.skipBlanks()
        let position = scanner.position
        do {
            let value = try readValue()
            add(key, value.map { .value(TOMLItem(value: $0, position: position)) } ?? .unreadable)
        } catch {
            report(error)
            add(key, .unreadable)
            scanner.skipLine()
        }
    }

    private mutating func add(_ key: TOMLKey, _ content: TOMLTable.Content) {
        guard let current else { return }
        if let earlier = document[current].entry(key.name) {
            let line = earlier.key.position.line
            report(error(at: key.position, "\(shown(key: key.name)) stands already on line \(line); keep one"))
        } else {
            document[current].append(key, content)
        }
    }
}
