/// Running without a file: one tunnel, from arguments and environment.
package struct QuickMode: Sendable, Equatable {
    /// The variables that say the same as a file.
    package static let variables = ["FPW_HOST", "FPW_TOKEN", "FPW_UPSTREAM", "FPW_RELAY"]

    /// A file and these variables would contradict each other silently: both together are an error.
    static func variablesBesideFile(_ environment: [String: String]) -> [Diagnostic] {
        variables.filter { environment[$0] != nil }.map { name in
            Diagnostic(.error, in: name, "belongs to quick mode and not beside a configuration file; unset it")
        }
    }
}
