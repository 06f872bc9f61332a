import Glibc

/// Those environment variables that configurations depend on.
package enum ProcessEnvironment {
    package static var current: [String: String] {
        let names = QuickMode.variables + ["CREDENTIALS_DIRECTORY"]
        let values = names.compactMap { name in getenv(name).map { (name, String(cString: $0)) } }
        return Dictionary(uniqueKeysWithValues: values)
    }
}
