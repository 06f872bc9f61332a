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
        let keys = relay.knows(
            "listen", "slot_listen", "tls_listen", "trusted_proxies", "public_scheme", "allow_weak_token")
        self.relay = keys ? relay.target : nil
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
        if let exposure = relay?.exposure, let weakness = reading.target.tokens.lazy.compactMap(weakness).first {
            reader.error(
                at: position,
                "\(key) holds \(weakness), and \(exposure); write 16 random characters or more "
                    + "(openssl rand -hex 16), or allow_weak_token = true in [relay]"
            )
        }
        if reading.target.tokenSource == .inline && reader.othersCanReadFile {
            reader.warnAboutReadableToken(at: position)
        }
    }

    private static let tokenKeys = ["token", "token_file", "tokens"]

    /// What makes a token too weak for the network.
    private func weakness(of token: Token) -> String? {
        if token == FPWDefaults.publicToken { return "the published token, which everyone knows" }
        return token.secret.utf8.count < 16 ? "a token of \(token.secret.utf8.count) characters" : nil
    }
}

extension RelaySettings {
    /// Why others than this machine's own programs can show it tokens; nil where none can, or a weak one is wanted.
    fileprivate var exposure: String? {
        if allowWeakToken { return nil }
        if [listen, slotListen, tlsListen].contains(where: { $0?.isLoopback == false }) {
            return "the relay does not listen on loopback only"
        }
        // What a proxy passes on to loopback comes from the network.
        if !trustedProxies.isEmpty { return "trusted_proxies tells of a proxy in front of the relay" }
        return publicScheme == nil ? nil : "public_scheme tells of a proxy in front of the relay"
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
