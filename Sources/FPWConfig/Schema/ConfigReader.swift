/// Reads the tables of one file by their schemas and collects everything that is wrong.
struct ConfigReader {
    let file: String
    let surroundings: Surroundings
    let othersCanReadFile: Bool
    private let document: TOMLDocument
    private var diagnostics: [Diagnostic] = []
    private var knownTables: [TableOutline] = []

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

/// Finding tables.
extension ConfigReader {
    /// Reads the one table of this schema; what is not written keeps its default.
    mutating func readTable<Target>(_ schema: TableSchema<Target>, defaults: Target) -> TableReading<Target> {
        knownTables.append(TableOutline(schema))
        let title = "[\(schema.name)]"
        guard case .table(let id) = document.root.entry(schema.name)?.content else {
            return TableReading(title: title, position: nil, target: defaults)
        }
        var reading = TableReading(title: title, position: document[id].headerPosition, target: defaults)
        for child in read(document[id], by: schema, into: &reading) {
            error(at: child.key.position, "unknown table [\(schema.name).\(written(key: child.key.name))]; remove it")
        }
        return reading
    }

    /// Reads every `[name.NAME]`, in the order of the file.
    mutating func readTables<Target>(
        _ schema: TableSchema<Target>, defaults: (String) -> Target
    ) -> [(name: TOMLKey, reading: TableReading<Target>)] {
        knownTables.append(TableOutline(schema))
        guard case .table(let parent) = document.root.entry(schema.name)?.content else { return [] }
        return document[parent].entries.compactMap { entry in
            guard case .table(let id) = entry.content else {
                refuseKeyOfParent(entry, schema.name)
                return nil
            }
            let title = "[\(schema.name).\(written(key: entry.key.name))]"
            let table = document[id]
            var reading = TableReading(
                title: title, position: table.headerPosition, target: defaults(entry.key.name)
            )
            let children = table.headerPosition == nil ? table.entries : read(table, by: schema, into: &reading)
            for child in children { refuseDottedName([schema.name, entry.key.name], child) }
            return table.headerPosition == nil ? nil : (entry.key, reading)
        }
    }

    private mutating func refuseKeyOfParent(_ entry: TOMLTable.Entry, _ parent: String) {
        guard case .value = entry.content else { return }
        error(
            at: entry.key.position,
            "\(shown(key: entry.key.name)) stands in [\(parent)], which has no keys; write it below [\(parent).NAME]"
        )
    }

    /// `[host.blog.example.org]`, where `[host."blog.example.org"]` is meant.
    private mutating func refuseDottedName(_ path: [String], _ child: TOMLTable.Entry) {
        var names = path + [child.key.name]
        var content = child.content
        while case .table(let id) = content, document[id].headerPosition == nil, let next = document[id].entries.first {
            names.append(next.key.name)
            content = next.content
        }
        let name = names.dropFirst().joined(separator: ".")
        let title = names.map(written(key:)).joined(separator: ".")
        error(
            at: child.key.position,
            "unknown table [\(title)]; a name with dots stands in quotes: [\(path[0]).\(quoted(name))]")
    }

    /// Refuses what stands in no table, or in a table that none of the schemas has; the last step of reading.
    mutating func refuseUnknownTables() {
        for entry in document.root.entries {
            let known = knownTables.first { $0.name == entry.key.name }
            switch entry.content {
            case .unreadable: continue
            case .table where known != nil: continue
            case .table(let id):
                let position = document[id].headerPosition ?? entry.key.position
                let hint = Spelling.nearest(to: entry.key.name, in: knownTables.map(\.name)).map { name in
                    "; did you mean \(knownTables.first { $0.name == name }?.title ?? name)?"
                }
                error(
                    at: position, "unknown table [\(written(key: entry.key.name))]\(hint ?? "; tables are \(titles)")")
            case .value:
                let home = known ?? knownTables.first { $0.keys.contains(entry.key.name) }
                let advice = home.map { "write it below \($0.title)" } ?? "tables are \(titles)"
                let what = known == nil ? "stands above the first table" : "is a table"
                error(at: entry.key.position, "\(shown(key: entry.key.name)) \(what); \(advice)")
            }
        }
    }

    private var titles: String { knownTables.map(\.title).joined(separator: " and ") }
}

/// Reading keys.
extension ConfigReader {
    /// Reads the values; returns what is a table.
    private mutating func read<Target>(
        _ table: TOMLTable, by schema: TableSchema<Target>, into reading: inout TableReading<Target>
    ) -> [TOMLTable.Entry] {
        reading.isSound = !table.isDamaged
        var seen: Set<String> = []
        var children: [TOMLTable.Entry] = []
        for entry in table.entries {
            seen.insert(entry.key.name)
            switch entry.content {
            case .unreadable: reading.isSound = false
            case .table: children.append(entry)
            case .value(let item):
                if let key = schema.keys.first(where: { $0.name == entry.key.name }) {
                    read(item, as: key, into: &reading)
                } else if let meant = refuseUnknownKey(entry.key, in: reading.title, schema.keys.map(\.name)) {
                    seen.insert(meant)
                }
            }
        }
        for key in schema.keys where !seen.contains(key.name) && !table.isDamaged {
            guard let line = key.neededAs else { continue }
            error(at: reading.position, "\(reading.title) has no '\(key.name)'; write \(line)")
            reading.isSound = false
        }
        return children
    }

    private mutating func read<Target>(
        _ item: TOMLItem, as key: Key<Target>, into reading: inout TableReading<Target>
    ) {
        do throws(InvalidValue) {
            try key.read(item.value, &reading.target, surroundings)
            reading.written[key.name] = item.position
        } catch {
            let hidesValue = key.isSecret || error.hidesValue
            let value = hidesValue ? key.name : "\(key.name) = \(item.value.text)"
            self.error(at: item.position, "\(value) \(error.reason)")
            reading.isSound = false
        }
    }

    /// Returns the key that was meant, so that it does not count as missing.
    private mutating func refuseUnknownKey(_ key: TOMLKey, in title: String, _ names: [String]) -> String? {
        let meant = Spelling.nearest(to: key.name, in: names)
        let hint = meant.map { "; did you mean '\($0)'?" } ?? "; remove it"
        error(at: key.position, "unknown key \(shown(key: key.name)) in \(title)\(hint)")
        return meant
    }
}

/// What messages about tables need of a schema.
private struct TableOutline {
    let name: String
    let title: String
    let keys: [String]

    init<Target>(_ schema: TableSchema<Target>) {
        name = schema.name
        title = schema.isNamed ? "[\(schema.name).NAME]" : "[\(schema.name)]"
        keys = schema.keys.map(\.name)
    }
}

/// A key as a header writes it: `blog`, `"blog.example.org"`.
private func written(key: String) -> String {
    !key.isEmpty && key.unicodeScalars.allSatisfy(\.isBareKey) ? key : quoted(key)
}
