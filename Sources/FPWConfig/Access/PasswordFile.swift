/// Users and the hashes of their passwords, as Apache's `htpasswd -B` and nginx's `auth_basic_user_file` have them.
///
/// Two with the same path are equal only where they hold the same: a reload takes a changed file for a changed tunnel.
package struct PasswordFile: Sendable, Equatable {
    package let path: String
    /// By the bytes of the name: never empty.
    package let users: [[UInt8]: PasswordHash]
    /// The first one's hash: an unknown user's password is compared with it, to take as long as a known one's.
    package let decoy: PasswordHash

    private static let remedy = "write it with: htpasswd -B"

    /// - Throws: a predicate of the file that names the line, and never shows what stands there.
    package init(path: String, bytes: [UInt8]) throws(InvalidValue) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw InvalidValue("is not UTF-8") }
        var users: [[UInt8]: PasswordHash] = [:]
        var decoy: PasswordHash?
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let (user, hash) = try Self.entry(line, number: index + 1)
            guard users.updateValue(hash, forKey: user) == nil else {
                throw InvalidValue("names a user for the second time on line \(index + 1)")
            }
            decoy = decoy ?? hash
        }
        guard let decoy else { throw InvalidValue("names no user; add one with: htpasswd -B \(path) NAME") }
        self.path = path
        self.users = users
        self.decoy = decoy
    }

    /// `name:hash`, and a comment behind another colon.
    private static func entry(_ line: Substring, number: Int) throws(InvalidValue) -> ([UInt8], PasswordHash) {
        let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, (1...255).contains(parts[0].utf8.count) else {
            throw InvalidValue("has no NAME:HASH on line \(number); \(remedy)")
        }
        do throws(PasswordHash.Refusal) {
            return (Array(parts[0].utf8), try PasswordHash(checking: parts[1]))
        } catch {
            switch error {
            case .malformed: throw InvalidValue("has no hash that is known here on line \(number); \(remedy)")
            case .tooDear:
                throw InvalidValue(
                    "has a hash on line \(number) that asks for too much or too little work; \(remedy) -C 10")
            case .weak(let kind):
                throw InvalidValue("has \(kind) on line \(number), which is guessed too fast; \(remedy)")
            }
        }
    }
}
