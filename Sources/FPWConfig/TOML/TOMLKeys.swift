/// Keys and `[table]` headers.
extension TOMLReader {
    /// Reads one part of a key: bare, `"basic"` or `'literal'`.
    mutating func readKey() throws(SyntaxError) -> TOMLKey {
        let position = scanner.position
        switch scanner.next {
        case "\"" where scanner.startsWith("\"\"\""), "'" where scanner.startsWith("'''"):
            throw error("a key cannot be a multi-line string; write it in one pair of quotes")
        case "\"":
            return TOMLKey(name: try readBasicString(), position: position)
        case "'":
            return TOMLKey(name: try readLiteralString(), position: position)
        default:
            let name = scanner.take(while: \.isBareKey)
            guard name.isEmpty else { return TOMLKey(name: name, position: position) }
            throw error("a key is expected here; use letters, digits, '_' and '-', or put it in quotes")
        }
    }

    /// Reads `[a.b]` and opens that table; nil where it lies below something that could not be read.
    mutating func readHeader() throws(SyntaxError) -> TOMLTable.ID? {
        let position = scanner.position
        let isArray = scanner.startsWith("[[")
        scanner.advance(by: isArray ? 2 : 1)
        let path = try readHeaderPath()
        guard scanner.skip("]") else { throw error("']' is missing after the table's name; write [name]") }
        guard isArray else { return try openTable(path, at: position) }
        guard scanner.skip("]") else { throw error("']]' is missing after the table's name; write [name]") }
        markUnreadable(path)
        throw error(at: position, "arrays of tables are not supported; give each table a name of its own: [table.name]")
    }

    private mutating func readHeaderPath() throws(SyntaxError) -> [TOMLKey] {
        var path: [TOMLKey] = []
        repeat {
            scanner.skipBlanks()
            path.append(try readKey())
            scanner.skipBlanks()
        } while scanner.skip(".")
        return path
    }

    private mutating func openTable(_ path: [TOMLKey], at position: SourcePosition) throws(SyntaxError) -> TOMLTable.ID?
    {
        var id = TOMLTable.ID.root
        for key in path {
            switch document[id].entry(key.name)?.content {
            case .table(let child): id = child
            case .unreadable: return nil
            case .value(let item):
                throw error(
                    at: key.position,
                    "\(shown(key: key.name)) is a value on line \(item.position.line) already; rename one of them"
                )
            case nil: id = addTable(key, to: id)
            }
        }
        if let earlier = document[id].headerPosition {
            throw error(at: position, "this table stands already on line \(earlier.line); put all its keys there")
        }
        document[id].headerPosition = position
        return id
    }

    private mutating func addTable(_ key: TOMLKey, to parent: TOMLTable.ID) -> TOMLTable.ID {
        let child = document.makeTable()
        document[parent].append(key, .table(child))
        return child
    }

    /// Keeps later headers below an array of tables from being blamed for its absence.
    private mutating func markUnreadable(_ path: [TOMLKey]) {
        var id = TOMLTable.ID.root
        for key in path.dropLast() {
            switch document[id].entry(key.name)?.content {
            case .table(let child): id = child
            case .unreadable, .value: return
            case nil: id = addTable(key, to: id)
            }
        }
        if let last = path.last, document[id].entry(last.name) == nil {
            document[id].append(last, .unreadable)
        }
    }
}
