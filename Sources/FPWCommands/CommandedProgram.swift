/// A server with a configuration file, as its commands see it; each function returns the process's exit status.
package protocol CommandedProgram {
    /// `fpwd`
    static var name: String { get }
    /// What help texts call it: `daemon`.
    static var role: String { get }
    /// What its status is about: `tunnels`.
    static var parts: String { get }
    static var defaultFile: String { get }

    static func check(configFile file: String?, printsEffective: Bool, isQuiet: Bool) async -> Int32
    static func status(configFile file: String?, admin: String?, isJSON: Bool, watches: Bool) async -> Int32
    static func pageURL(configFile file: String?, admin: String?) async -> Int32
    static func ready(configFile file: String?, admin: String?) async -> Int32
}
