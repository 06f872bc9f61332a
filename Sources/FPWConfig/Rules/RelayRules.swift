import FPWProtocol

/// What holds between the keys of `[relay]`.
enum RelayRules {
    static func check(_ reading: TableReading<RelaySettings>, _ reader: inout ConfigReader) {
        guard reading.knows("listen", "slot_listen", "tls_listen", "admin_listen") else { return }
        let relay = reading.target
        let listeners = [
            ("listen", relay.listen), ("slot_listen", relay.slotListen), ("tls_listen", relay.tlsListen),
            ("admin_listen", relay.adminListen),
        ]
        var nameByAddress: [ListenAddress: String] = [:]
        for case (let name, let address?) in listeners where address.port != 0 {
            if let other = nameByAddress.updateValue(name, forKey: address) {
                reader.error(
                    at: reading.written[name] ?? reading.written[other],
                    "\(name) = \(quoted(address.description)) is the address of \(other) too; give it one of its own"
                )
            }
        }
    }
}

/// What holds between the keys of a host, between hosts, and between a host and the relay.
struct HostRules {
    /// Nil where it could not be read.
    let relay: RelaySettings?
    private var linePerPattern: [String: Int] = [:]

    init(relay: TableReading<RelaySettings>) {
        self.relay = relay.knows("listen", "slot_listen", "tls_listen", "allow_weak_token") ? relay.target : nil
    }

    mutating func apply(
        to reading: TableReading<HostConfig>, named name: TOMLKey, _ reader: inout ConfigReader
    ) -> TableReading<HostConfig> {
        var reading = reading
        do throws(InvalidValue) {
            reading.target.pattern = try HostSyntax.pattern(name.name)
            if let earlier = linePerPattern.updateValue(name.position.line, forKey: reading.target.pattern) {
                reader.error(
                    at: name.position,
                    "host \(quoted(reading.target.pattern)) stands already on line \(earlier); keep one"
                )
            }
        } catch {
            reader.error(at: name.position, "\(quoted(name.name)) \(error.reason)")
        }
        if reading.knows("token", "token_file", "tokens") { checkTokens(of: reading, &reader) }
        return reading
    }

    private func checkTokens(of reading: TableReading<HostConfig>, _ reader: inout ConfigReader) {
        let sources = reading.written.filter { Self.tokenKeys.contains($0.key) }.sorted { $0.value < $1.value }
        guard let (key, position) = sources.last, !reading.target.tokens.isEmpty else {
            reader.error(
                at: sources.last?.value ?? reading.position,
                "\(reading.title) has no token; write token = \"…\", token_file or tokens"
            )
            return
        }
        if sources.count > 1 {
            let names = sources.map(\.key).joined(separator: " and ")
            reader.error(at: position, "\(names) stand in \(reading.title); keep one")
        }
        if let weakness = reading.target.tokens.lazy.compactMap(weakness).first {
            reader.error(
                at: position,
                "\(key) holds \(weakness), and the relay does not listen on loopback only; "
                    + "write 16 random characters or more, or allow_weak_token = true in [relay]"
            )
        }
        if reading.target.tokenSource == .inline && reader.othersCanReadFile {
            reader.warnAboutReadableToken(at: position)
        }
    }

    private static let tokenKeys = ["token", "token_file", "tokens"]

    /// What makes a token too weak for this relay.
    private func weakness(of token: Token) -> String? {
        guard let relay, !relay.allowWeakToken, !relay.isOnLoopback else { return nil }
        if token == FPWDefaults.publicToken { return "the published token, which everyone knows" }
        return token.secret.utf8.count < 16 ? "a token of \(token.secret.utf8.count) characters" : nil
    }
}

extension RelaySettings {
    /// Only this machine's own programs can show it tokens.
    fileprivate var isOnLoopback: Bool {
        [listen, slotListen, tlsListen].allSatisfy { $0?.isLoopback != false }
    }
}

extension ListenAddress {
    fileprivate var port: Int? {
        switch self {
        case .tcp(_, let port): port
        case .unix: nil
        }
    }
}
