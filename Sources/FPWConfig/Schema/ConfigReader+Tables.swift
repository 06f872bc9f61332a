/// Finding tables.
extension ConfigReader {
    /// Reads the one table of this schema; what is not written keeps its default.
    mutating func readTable<Target>(_ schema: TableSchema<Target>, defaults: Target) -> TableReading<Target> {
        knownTables.append(TableOutline(schema))
        guard case .table(let id) = document.root.entry(schema.name)?.content else {
            return TableReading(title: schema.title, position: nil, target: defaults)
        }
        var reading = TableReading(title: schema.title, position: document[id].headerPosition, target: defaults)
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
        var readings: [(TOMLKey, TableReading<Target>)] = []
        for entry in document[parent].entries {
            switch entry.content {
            case .unreadable: continue
            case .value: refuseKeyOfParent(entry.key, schema.name)
            case .table(let id):
                let title = "[\(schema.name).\(written(key: entry.key.name))]"
                let position = document[id].headerPosition
                var reading = TableReading(title: title, position: position, target: defaults(entry.key.name))
                // Without a header of its own it is only the beginning of a name with dots.
                let inner = position == nil ? document[id].entries : read(document[id], by: schema, into: &reading)
                for child in inner { refuseDottedName([schema.name, entry.key.name], child) }
                if position != nil { readings.append((entry.key, reading)) }
            }
        }
        return readings
    }

    private mutating func refuseKeyOfParent(_ key: TOMLKey, _ parent: String) {
        error(
            at: key.position,
            "\(shown(key: key.name)) stands in [\(parent)], which has no keys; write it below [\(parent).NAME]"
        )
    }

    /// `[host.blog.example.org]`, where `[host."blog.example.org"]` is meant.
    private mutating func refuseDottedName(_ path: [String], _ child: TOMLTable.Entry) {
        guard case .table = child.content else { return }
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
            case .table: if known == nil { refuseUnknownTable(entry.key) }
            case .value: refuseKeyOfRoot(entry.key, known)
            }
        }
    }

    private mutating func refuseUnknownTable(_ key: TOMLKey) {
        let meant = Spelling.nearest(to: key.name, in: knownTables.map(\.name))
        let table = knownTables.first { $0.name == meant }
        let advice = table.map { "did you mean \($0.title)?" } ?? "tables are \(titles)"
        error(at: key.position, "unknown table [\(written(key: key.name))]; \(advice)")
    }

    private mutating func refuseKeyOfRoot(_ key: TOMLKey, _ table: TableOutline?) {
        let home = table ?? knownTables.first { $0.keys.contains(key.name) }
        let advice = home.map { "write it below \($0.title)" } ?? "tables are \(titles)"
        let problem = table == nil ? "stands above the first table" : "is a table"
        error(at: key.position, "\(shown(key: key.name)) \(problem); \(advice)")
    }

    private var titles: String { knownTables.map(\.title).joined(separator: " and ") }
}

/// What messages about tables need of a schema.
struct TableOutline {
    let name: String
    let title: String
    let keys: [String]

    init<Target>(_ schema: TableSchema<Target>) {
        name = schema.name
        title = schema.title
        keys = schema.keys.map(\.name)
    }
}
