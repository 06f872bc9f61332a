/// A password's hash in a form of crypt(5) that is dear to guess from: bcrypt, yescrypt or SHA-512-crypt. It never prints.
package struct PasswordHash: Sendable, Hashable, CustomStringConvertible {
    /// For crypt(3) only; ASCII, without NUL.
    package let text: String

    package var description: String { "<redacted>" }

    /// What one login may cost: about a second.
    private static let bcryptCosts = 4...14
    private static let roundsOfSHA512 = 1000...1_000_000
    /// crypt_gensalt(3)'s of the costs 1 to 7: up to 64 MiB.
    private static let yescryptCosts: Set<Substring> = ["j75", "j85", "j7T", "j8T", "j9T", "jAT", "jBT"]

    /// - Throws: a predicate of the file, without its place: what kind of hash it is, or that it asks for too much.
    init(checking text: Substring) throws(Refusal) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard text.hasPrefix("$"), parts.count >= 4, parts.dropFirst(2).allSatisfy(\.isHashText) else {
            throw Refusal(kindOf: text)
        }
        switch parts[1] {
        case "2y", "2b", "2a":
            guard parts.count == 4, parts[3].utf8.count == 53 else { throw .malformed }
            try Self.check(Int(parts[2]), within: Self.bcryptCosts)
        case "y":
            guard parts.count == 5, !parts[3].isEmpty, parts[4].utf8.count == 43 else { throw .malformed }
            guard Self.yescryptCosts.contains(parts[2]) else { throw .tooDear }
        case "6":
            let hasRounds = parts[2].hasPrefix("rounds=")
            guard parts.count == (hasRounds ? 5 : 4), let hash = parts.last, hash.utf8.count == 86 else {
                throw .malformed
            }
            if hasRounds { try Self.check(Int(parts[2].dropFirst(7)), within: Self.roundsOfSHA512) }
        default: throw Refusal(kindOf: text)
        }
        self.text = String(text)
    }

    private static func check(_ cost: Int?, within range: ClosedRange<Int>) throws(Refusal) {
        guard let cost else { throw .malformed }
        guard range.contains(cost) else { throw .tooDear }
    }

    enum Refusal: Error, Equatable {
        case malformed
        case tooDear
        /// One that is guessed too fast.
        case weak(String)

        init(kindOf text: Substring) {
            switch text {
            case _ where text.hasPrefix("$apr1$") || text.hasPrefix("$1$"): self = .weak("an MD5 hash")
            case _ where text.hasPrefix("{SHA}") || text.hasPrefix("{SSHA}"): self = .weak("a SHA-1 hash")
            case _ where text.hasPrefix("$"): self = .malformed
            default: self = .weak("a plain password or an old kind of hash")
            }
        }
    }
}

extension Substring {
    /// The signs of crypt(5)'s salts and hashes, and of `rounds=5000`.
    fileprivate var isHashText: Bool {
        utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: ".")...UInt8(ascii: "9"), UInt8(ascii: "="):
                true
            default: false
            }
        }
    }
}
