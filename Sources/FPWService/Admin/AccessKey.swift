/// What the status page is opened with: 128 bits of the system's CSPRNG, new at each start.
package struct AccessKey: Sendable, CustomStringConvertible, CustomReflectable {
    /// 32 hexadecimal digits.
    let secret: String

    init() {
        let digits = String(UInt128.random(in: .min ... .max), radix: 16)
        secret = String(repeating: "0", count: 32 - digits.count) + digits
    }

    /// In a time that depends on the lengths alone, so that nobody finds a key byte by byte.
    func matches(_ candidate: some Collection<UInt8>) -> Bool {
        let secret = Array(secret.utf8)
        guard candidate.count == secret.count else { return false }
        return zip(candidate, secret).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    package var description: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(reflecting: "<redacted>") }
}
