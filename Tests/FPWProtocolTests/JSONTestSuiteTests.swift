import FoundationEssentials
import TestSupport
import Testing

@testable import FPWProtocol

/// Nicolas Seriot's JSONTestSuite (https://github.com/nst/JSONTestSuite), which is not part of this repository.
@Suite("The JSON test suite", .enabled(if: JSONTestSuite.isPresent))
struct JSONTestSuiteTests {
    @Test("what every parser must refuse is refused")
    func refusesInvalidTexts() throws {
        let files = try JSONTestSuite.files(prefix: "n_")
        try #require(files.count > 100)
        let accepted = files.filter { (try? JSONTestSuite.decode($0)) != nil }
        #expect(accepted == [])
        Tally(inputs: files.count, refused: files.count - accepted.count, wrong: accepted.count)
            .note("JSONTestSuite, n_")
    }

    @Test("what every parser must accept is read where it is an object of strings, and refused for its types otherwise")
    func readsValidTexts() throws {
        let files = try JSONTestSuite.files(prefix: "y_")
        try #require(files.count > 50)
        let objects: [String: Result<HeaderFields, HeaderJSONError>] = [
            "y_object.json": .success(["asd": "sdf", "dfg": "fgh"]),
            "y_object_basic.json": .success(["asd": "sdf"]),
            "y_object_empty.json": .success([:]),
            "y_object_with_newlines.json": .success(["a": "b"]),
            "y_object_simple.json": .success([:]),
            "y_object_string_unicode.json": .success(["title": "Полтора Землекопа"]),
            "y_object_long_strings.json": .failure(.badType(name: "x")),
            "y_object_duplicated_key.json": .failure(.duplicate(name: "a")),
            "y_object_duplicated_key_and_value.json": .failure(.duplicate(name: "a")),
            "y_object_empty_key.json": .failure(.badName),
            "y_object_escaped_null_in_key.json": .failure(.badName),
            "y_object_extreme_numbers.json": .failure(.badType(name: "min")),
        ]
        var tally = Tally(inputs: files.count)
        for file in files {
            let result = Result { () throws(HeaderJSONError) in try JSONTestSuite.decode(file) }
            #expect(result == objects[file] ?? .failure(.notAnObject), "\(file)")
            if case .failure = result { tally.refused += 1 }
            if result != objects[file] ?? .failure(.notAnObject) { tally.wrong += 1 }
        }
        tally.note("JSONTestSuite, y_")
    }

    @Test("what parsers may read or not never traps")
    func survivesTheRest() throws {
        let files = try JSONTestSuite.files(prefix: "i_")
        try #require(files.count >= 20)
        let refused = files.count { (try? JSONTestSuite.decode($0)) == nil }
        Tally(inputs: files.count, refused: refused).note("JSONTestSuite, i_")
    }
}

private enum JSONTestSuite {
    static let folder = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined() + "/shared/JSONTestSuite"

    static var isPresent: Bool { FileManager.default.fileExists(atPath: folder) }

    static func files(prefix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix(prefix) }.sorted()
    }

    static func decode(_ file: String) throws(HeaderJSONError) -> HeaderFields {
        let bytes = FileManager.default.contents(atPath: folder + "/" + file).map { Array($0) } ?? []
        return try HeaderJSON.decode(bytes[...])
    }
}
