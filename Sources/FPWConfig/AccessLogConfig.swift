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
        let form = "\"off\", \"stderr\", or a file's absolute path"
        return ValueType(form) { (value, surroundings) throws(InvalidValue) in
            guard case .string(let text) = value else { throw .wrongKind(value, expected: form) }
            switch text {
            case "off": return .off
            case "stderr": return .standardError
            default:
                guard text.hasPrefix("/"), !text.utf8.contains(0) else {
                    throw InvalidValue("is not known here; write \"off\", \"stderr\" or \"/var/log/…\"")
                }
                let folder = text.prefix(upTo: text.lastIndex(of: "/") ?? text.startIndex)
                guard folder.isEmpty || surroundings.files.mayHaveFolder(String(folder)) else {
                    throw InvalidValue("lies in \(folder), and there is no such folder; make it, or name another file")
                }
                return .file(text)
            }
        } write: { destination in
            switch destination {
            case .off: quoted("off")
            case .standardError: quoted("stderr")
            case .file(let path): quoted(path)
            }
        }
    }
}
