/// Reading keys.
extension ConfigReader {
    /// Reads the values; returns what is a table.
    mutating func read<Target>(
        _ table: TOMLTable, by schema: TableSchema<Target>, into reading: inout TableReading<Target>
    ) -> [TOMLTable.Entry] {
        reading.isDamaged = table.isDamaged
        var seen: Set<String> = []
        var children: [TOMLTable.Entry] = []
        for entry in table.entries {
            seen.insert(entry.key.name)
            switch entry.content {
            case .unreadable: reading.unread.insert(entry.key.name)
            case .table: children.append(entry)
            case .value(let item):
                if let key = schema.keys.first(where: { $0.name == entry.key.name }) {
                    read(item, as: key, into: &reading)
                } else if let meant = refuseUnknownKey(entry.key, in: reading.title, schema.keys.map(\.name)) {
                    seen.insert(meant)
                    reading.unread.insert(meant)
                }
            }
        }
        if !table.isDamaged { refuseMissingKeys(schema.keys.filter { !seen.contains($0.name) }, &reading) }
        return children
    }

    private mutating func refuseMissingKeys<Target>(_ keys: [Key<Target>], _ reading: inout TableReading<Target>) {
        for case (let key, let line?) in keys.map({ ($0, $0.neededAs) }) {
            error(at: reading.position, "\(reading.title) has no '\(key.name)'; write \(line)")
            reading.unread.insert(key.name)
        }
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
            reading.unread.insert(key.name)
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
