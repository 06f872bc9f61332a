import FPWConfig

/// Where the running program is asked.
package enum AdminPlace: Sendable, Equatable {
    /// The address stands in this file; nil: in the default file, or it is the default address.
    case file(String?)
    case address(ServerAddress)
}

extension ConfiguredProgram {
    /// - Parameter admin: what `--admin` says: an address and port, a port of this machine, `unix:/path`, or the status page's
    ///   URL; nil: the file says it.
    package func place(_ file: String?, _ admin: String?) throws(UsageFailure) -> AdminPlace {
        guard let admin else { return .file(file) }
        do throws(InvalidValue) {
            return .address(ServerAddress(try ListenAddress(parsing: Self.address(in: admin))))
        } catch {
            throw UsageFailure("--admin \"\(admin)\" is no address; write \(defaultAdmin), a port alone, or unix:/path")
        }
    }

    private static func address(in text: String) -> String {
        let scheme = "http://"
        if text.hasPrefix(scheme) { return String(text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }) }
        return !text.isEmpty && text.allSatisfy { "0123456789".contains($0) } ? "127.0.0.1:\(text)" : text
    }

    func address(_ place: AdminPlace) -> ServerAddress {
        switch place {
        case .address(let address): return address
        case .file(let file):
            guard let file = file ?? (hasDefaultFile ? defaultFile : nil) else { return defaultAdmin }
            do throws(ConfigError) {
                return try read(file).admin
            } catch {
                // What runs was started with another file, or before this one was changed.
                Console.complain("\(error)\n\(name): asking at \(defaultAdmin) instead; --admin names another address")
                return defaultAdmin
            }
        }
    }
}
