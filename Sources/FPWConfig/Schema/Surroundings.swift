/// What the reading of a configuration may ask of the machine that it runs on.
struct Surroundings: Sendable {
    let files: any FileReader
    let environment: [String: String]

    /// A service manager's or container's secrets are readable by others there, and only by those in the same sandbox.
    func isSecretStore(_ path: String) -> Bool {
        let stores = ["/run/secrets", environment["CREDENTIALS_DIRECTORY"]].compactMap(\.self)
        return !path.contains("/../") && stores.contains { !$0.isEmpty && path.hasPrefix($0 + "/") }
    }
}
