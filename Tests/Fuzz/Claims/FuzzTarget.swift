/// What can be fuzzed: each reads bytes that a peer, or the author of a file, may choose.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// `fpw-header`, against another JSON reader.
    case json
    /// A relay's answer on its way through fpwd.
    case visit
    /// Both programs' configuration files.
    case config
    /// A connection's bytes on their way through fpw-relay, to what fpwd makes of them.
    case request

    /// Tries what must hold for every input.
    package func check(_ input: [UInt8]) throws(BrokenClaim) {
        switch self {
        case .json: try checkHeaderJSON(input)
        case .visit: try checkVisit(input)
        case .config: try checkConfig(input)
        case .request: try checkRequest(input)
        }
    }
}

/// What should hold for every input, and does not for one.
package struct BrokenClaim: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

func expect(_ holds: Bool, _ otherwise: @autoclosure () -> String) throws(BrokenClaim) {
    if !holds { throw BrokenClaim(otherwise()) }
}
