/// What a TOML-lite text says, with the place of every key.
///
/// Tables refer to each other by index, so that a header can reach any of them while the text is being read.
struct TOMLDocument: Sendable {
    private(set) var tables = [TOMLTable()]
    /// What is wrong with the text, in reading order; the tables then hold what could be read all the same.
    var errors: [SyntaxError] = []

    var root: TOMLTable { tables[0] }

    subscript(id: TOMLTable.ID) -> TOMLTable {
        // Changed where it stands: a copy for each key would take quadratic time.
        _read { yield tables[id.index] }
        _modify { yield &tables[id.index] }
    }

    mutating func makeTable() -> TOMLTable.ID {
        tables.append(TOMLTable())
        return TOMLTable.ID(index: tables.count - 1)
    }
}

/// A value as TOML 1.0 defines it, of those kinds that TOML-lite has.
enum TOMLValue: Sendable, Equatable {
    case string(String)
    case integer(Int)
    case boolean(Bool)
    case array([TOMLItem])
}

/// A value and where it starts.
struct TOMLItem: Sendable, Equatable {
    let value: TOMLValue
    let position: SourcePosition
}

/// A key and where it starts. Names are equal when their bytes are: TOML knows no Unicode normalisation.
struct TOMLKey: Sendable {
    let name: String
    let position: SourcePosition
}

/// Keys in the order in which they were written.
struct TOMLTable: Sendable {
    struct ID: Sendable, Hashable {
        static let root = ID(index: 0)
        let index: Int
    }

    enum Content: Sendable {
        case value(TOMLItem)
        case table(ID)
        /// Written, but not readable; its error is among the document's.
        case unreadable
    }

    struct Entry: Sendable {
        let key: TOMLKey
        var content: Content
    }

    private(set) var entries: [Entry] = []
    private var indexByName: [[UInt8]: Int] = [:]
    /// Where the `[header]` stands; nil for the root and for a table that only `[its.children]` imply.
    var headerPosition: SourcePosition?
    /// A line below the header could not be read at all, so a key that seems missing may be there.
    var isDamaged = false

    func entry(_ name: String) -> Entry? {
        indexByName[Array(name.utf8)].map { entries[$0] }
    }

    /// Adds a key that does not stand in the table yet.
    mutating func append(_ key: TOMLKey, _ content: Content) {
        indexByName[Array(key.name.utf8)] = entries.count
        entries.append(Entry(key: key, content: content))
    }
}

/// Text that is not TOML-lite: what is wrong; what to write.
struct SyntaxError: Error, Sendable, Equatable {
    let position: SourcePosition
    let message: String
}
