/// What the reading of a configuration may ask of the machine that it runs on.
struct Surroundings: Sendable {
    let files: any FileReader
    let environment: [String: String]

    /// A service manager's or container's secrets are readable by others there, and only by those in the same sandbox.
    func isSecretStore(_ path: String) -> Bool {
        let stores = ["/run/secrets", environment["CREDENTIALS_DIRECTORY"]].compactMap(\.self)
        return !path.contains("/../") && stores.contains { !$0.isEmpty && path.hasPrefix($0 + "/") }
    }

    func read(_ path: String) throws(InvalidValue) -> FileContents {
        do {
            return try files.read(path)
        } catch {
            throw InvalidValue("cannot be read: \(error.reason)")
        }
    }

    /// The bytes of a file that other users of the machine must not be able to read.
    func readSecret(_ path: String) throws(InvalidValue) -> [UInt8] {
        let contents = try read(path)
        guard !contents.othersCanRead || isSecretStore(path) else {
            throw InvalidValue("can be read by every user of this machine; run: chmod o-rwx \(path)")
        }
        return contents.bytes
    }
}
