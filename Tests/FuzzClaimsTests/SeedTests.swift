import FoundationEssentials
import FuzzClaims
import TestSupport
import Testing

/// What `make fuzz` tries for minutes, tried here with its seeds and some thousand inputs that are made from them.
@Suite("What is fuzzed")
struct SeedTests {
    @Test("every seed keeps what must hold for every input", arguments: FuzzTarget.allCases)
    func seeds(target: FuzzTarget) throws {
        for seed in try Self.seeds(of: target) {
            #expect(throws: Never.self, "\(seed.name)") { try target.check(seed.bytes) }
        }
    }

    @Test("so do inputs made from the seeds", arguments: FuzzTarget.allCases)
    func mutations(target: FuzzTarget) throws {
        let seeds = try Self.seeds(of: target).map(\.bytes)
        for number in 0..<UInt64(500) {
            var generator = SeededGenerator(seed: number)
            let input = Self.mutation(of: seeds, &generator)
            #expect(throws: Never.self, "mutation \(number): \(input)") { try target.check(input) }
        }
        Tally(inputs: 500 + seeds.count).note("fuzz seeds, \(target.rawValue)")
    }

    /// A piece of one seed and a piece of another, with some bytes changed.
    private static func mutation(of seeds: [[UInt8]], _ generator: inout SeededGenerator) -> [UInt8] {
        var input: [UInt8] = []
        for _ in 0..<2 {
            let seed = seeds[Int.random(in: seeds.indices, using: &generator)]
            let cut = Int.random(in: 0...seed.count, using: &generator)
            input += input.isEmpty ? seed[..<cut] : seed[cut...]
        }
        for _ in 0..<Int.random(in: 0...4, using: &generator) where !input.isEmpty {
            input[Int.random(in: input.indices, using: &generator)] = .random(in: 0...255, using: &generator)
        }
        return input
    }

    private static func seeds(of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let folder =
            #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined() + "/Fuzz/seeds/\(target.rawValue)"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        try #require(names.count >= 4)
        return try names.map { name in
            (name, Array(try #require(FileManager.default.contents(atPath: "\(folder)/\(name)"))))
        }
    }
}
