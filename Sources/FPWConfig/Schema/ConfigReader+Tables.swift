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
            case .table:
                let hint = Spelling.nearest(to: entry.key.name, in: knownTables.map(\.name)).map { name in
                    "; did you mean \(knownTables.first { $0.name == name }?.title ?? name)?"
                }
                error(
                    at: entry.key.position,
                    "unknown table [\(written(key: entry.key.name))]\(hint ?? "; tables are \(titles)")")
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
