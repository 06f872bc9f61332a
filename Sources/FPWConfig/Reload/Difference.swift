/// How one list of named things becomes another.
package struct Difference<Element: Sendable & Equatable>: Sendable, Equatable {
    package struct Change: Sendable, Equatable {
        package let old: Element
        package let new: Element
    }

    package private(set) var added: [Element] = []
    package private(set) var removed: [Element] = []
    package private(set) var changed: [Change] = []
    package private(set) var unchanged: [Element] = []

    /// Compares by name, which is unique in each list; results are in the order of the lists.
    init(from old: [Element], to new: [Element], by name: (Element) -> String) {
        let oldByName = Dictionary(old.map { (name($0), $0) }) { first, _ in first }
        let newNames = Set(new.map(name))
        removed = old.filter { !newNames.contains(name($0)) }
        for element in new {
            switch oldByName[name(element)] {
            case nil: added.append(element)
            case element?: unchanged.append(element)
            case let earlier?: changed.append(Change(old: earlier, new: element))
            }
        }
    }

    package var isEmpty: Bool { added.isEmpty && removed.isEmpty && changed.isEmpty }
}

/// Which settings of a table differ, by key.
package struct SettingsChange: Sendable, Equatable {
    /// These take effect at once.
    package let live: [String]
    /// These take effect when the program is started again.
    package let needRestart: [String]

    init<Settings>(from old: Settings, to new: Settings, by schema: TableSchema<Settings>) {
        let differing = schema.keys.filter { !$0.isEqual(old, new) }
        live = differing.filter { !$0.needsRestart }.map(\.name)
        needRestart = differing.filter(\.needsRestart).map(\.name)
    }

    package var isEmpty: Bool { live.isEmpty && needRestart.isEmpty }
}
