import FoundationEssentials
import TestSupport
import Testing

@testable import FPWConfig

/// The toml-test corpus (https://github.com/toml-lang/toml-test), which is not part of this repository:
/// scripts/corpora.sh installs it.
@Suite("The toml-test corpus")
struct TOMLCorpusTests {
    @Test("is there")
    func isThere() {
        #expect(!Corpus.folders.isEmpty, "install the package golang-github-burntsushi-toml-dev")
    }

    @Test("every invalid file is refused", arguments: Corpus.folders)
    func refusesInvalidFiles(folder: String) throws {
        let files = try Corpus.files(in: folder + "/invalid")
        try #require(files.count > 90)
        var accepted: [String] = []
        for file in files where TOMLReader.read(try Corpus.bytes(of: file)).errors.isEmpty { accepted.append(file) }
        #expect(accepted == [])
        Tally(inputs: files.count, refused: files.count - accepted.count, wrong: accepted.count)
            .note("toml-test, invalid")
    }

    @Test("every valid file is read to its values, or refused for a feature that is named", arguments: Corpus.folders)
    func neverMisreadsValidFiles(folder: String) throws {
        let files = try Corpus.files(in: folder + "/valid")
        try #require(files.count > 90)
        var readCount = 0, misreadCount = 0
        for file in files {
            let document = TOMLReader.read(try Corpus.bytes(of: file))
            let unexplained = document.errors.filter { !$0.message.contains("not supported") }
            #expect(unexplained == [], "\(file)")
            guard document.errors.isEmpty else { continue }
            readCount += 1
            let expected = try JSONDecoder().decode(
                TaggedJSON.self, from: Data(Corpus.bytes(of: file.dropLast(4) + "json")))
            #expect(document.lines == expected.lines(at: ""), "\(file)")
            if document.lines != expected.lines(at: "") { misreadCount += 1 }
        }
        #expect(readCount > 40)
        Tally(inputs: files.count, refused: files.count - readCount, wrong: misreadCount).note("toml-test, valid")
    }
}

/// Where the corpus may be found: beside the repository, or as Debian's golang-github-burntsushi-toml-dev installs it.
enum Corpus {
    static let folders = [beside, debian].filter { FileManager.default.fileExists(atPath: $0 + "/valid") }

    private static let beside =
        #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined() + "/shared/toml-test"
    private static let debian = "/usr/share/gocode/src/github.com/BurntSushi/toml/internal/toml-test/tests"

    static func files(in folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".toml") }
            .map { "\(folder)/\($0)" }
            .sorted()
    }

    static func bytes(of file: some StringProtocol) throws -> [UInt8] {
        try SystemFiles().read(String(file)).bytes
    }
}

/// The corpus's expected values: a leaf is an object of `type` and `value`.
private enum TaggedJSON: Decodable {
    case leaf(type: String, value: String)
    case table([String: TaggedJSON])
    case array([TaggedJSON])

    init(from decoder: any Decoder) throws {
        if let items = try? [TaggedJSON](from: decoder) {
            self = .array(items)
        } else if let leaf = try? [String: String](from: decoder), leaf.count == 2, let type = leaf["type"],
            let value = leaf["value"]
        {
            self = .leaf(type: type, value: value)
        } else {
            self = .table(try [String: TaggedJSON](from: decoder))
        }
    }

    /// A line for each value, for comparison.
    func lines(at path: String) -> [String] {
        switch self {
        case .leaf(let type, let value): ["\(path) = \(type) \(ascii(value))"]
        case .array(let items): ["\(path) is an array"] + items.enumerated().flatMap { $1.lines(at: "\(path)[\($0)]") }
        case .table(let table):
            (["\(path) is a table"] + table.flatMap { $1.lines(at: "\(path).\(ascii($0))") }).sorted()
        }
    }
}

extension TOMLDocument {
    fileprivate var lines: [String] { lines(of: root, at: "") }

    private func lines(of table: TOMLTable, at path: String) -> [String] {
        let inner = table.entries.flatMap { entry in
            let path = "\(path).\(ascii(entry.key.name))"
            return switch entry.content {
            case .table(let id): lines(of: self[id], at: path)
            case .value(let item): item.lines(at: path)
            case .unreadable: ["\(path) is unreadable"]
            }
        }
        return (["\(path) is a table"] + inner).sorted()
    }
}

extension TOMLItem {
    fileprivate func lines(at path: String) -> [String] {
        switch value {
        case .string(let text): ["\(path) = string \(ascii(text))"]
        case .integer(let number): ["\(path) = integer \(ascii("\(number)"))"]
        case .boolean(let flag): ["\(path) = bool \(ascii("\(flag)"))"]
        case .array(let items): ["\(path) is an array"] + items.enumerated().flatMap { $1.lines(at: "\(path)[\($0)]") }
        }
    }
}

/// Every scalar by its code point: Swift takes canonically equivalent strings as equal, TOML does not.
private func ascii(_ text: String) -> String {
    quoted(text.unicodeScalars.map { $0.isASCII ? String($0) : "{\(String($0.value, radix: 16))}" }.joined())
}
