import FPWTransport

/// What stands for a user and a password in memory: a keyed hash, whose key is known to this object alone.
struct CredentialDigest: Hashable {
    fileprivate let first: Int
    fileprivate let second: Int
}

/// Whose password was compared, so that a page with many parts does not cost a comparison for each, and who is at work need
/// not queue with those who guess.
struct CredentialCache {
    /// After the last use.
    static let lifetime = Duration.seconds(300)
    static let capacity = 1024

    private let keys = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
    private var ends: [CredentialDigest: Moment] = [:]

    func digest(of credentials: BasicCredentials) -> CredentialDigest {
        CredentialDigest(first: hash(credentials, keys.0), second: hash(credentials, keys.1))
    }

    /// Whether it is known; what is used stays known.
    mutating func use(_ digest: CredentialDigest, at now: Moment) -> Bool {
        guard let end = ends[digest], now < end else { return false }
        ends[digest] = now + Self.lifetime
        return true
    }

    mutating func add(_ digest: CredentialDigest, at now: Moment) {
        if ends.count >= Self.capacity { ends = ends.filter { now < $0.value } }
        if ends.count >= Self.capacity { ends.removeAll() }
        ends[digest] = now + Self.lifetime
    }

    /// SipHash-1-3, which Swift keys anew in each process besides.
    private func hash(_ credentials: BasicCredentials, _ key: UInt64) -> Int {
        var hasher = Hasher()
        hasher.combine(key)
        hasher.combine(credentials)
        return hasher.finalize()
    }
}
