/// Where the line of each visit goes, and what stands in it.
package struct AccessLogSettings: Equatable, Sendable {
    package enum Destination: Equatable, Sendable {
        case off
        /// Among the other log lines, in their format.
        case log
        /// A file of its own, with this path.
        case file(String)
    }

    /// How a file's lines look.
    package enum Format: Equatable, Sendable {
        /// Apache's combined format, which log analysers read.
        case combined
        /// An object on each line.
        case json
    }

    package var destination = Destination.log
    package var format = Format.combined
    /// Whether the query of a target is written: it often holds what is personal or secret.
    package var showsQuery = false
    /// Whether addresses are cut to their network.
    package var masksAddresses = false

    package init() {}
}
