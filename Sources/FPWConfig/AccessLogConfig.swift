/// Where the line of each visit goes, and what stands in it; the same for both programs.
package struct AccessLogConfig: Sendable, Equatable {
    package enum Destination: Sendable, Equatable {
        case off
        /// Among the other log lines.
        case standardError
        case file(String)
    }

    package enum Format: String, Sendable, CaseIterable { case combined, json }

    package enum Addresses: String, Sendable, CaseIterable { case full, masked }

    package var destination = Destination.standardError
    /// Of a file's lines.
    package var format = Format.combined
    package var logsQuery = false
    package var addresses = Addresses.full

    package init() {}
}

extension ValueType<AccessLogConfig.Destination> {
    static var accessLog: ValueType {
        ValueType(string: "\"off\", \"stderr\", or a file's absolute path") { (text) throws(InvalidValue) in
            switch text {
            case "off": return .off
            case "stderr": return .standardError
            default:
                guard text.hasPrefix("/"), !text.utf8.contains(0) else {
                    throw InvalidValue("is not known here; write \"off\", \"stderr\" or \"/var/log/…\"")
                }
                return .file(text)
            }
        } write: { destination in
            switch destination {
            case .off: "off"
            case .standardError: "stderr"
            case .file(let path): path
            }
        }
    }
}
