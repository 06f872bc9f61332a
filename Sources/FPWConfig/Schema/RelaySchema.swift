import FPWProtocol

extension TableSchema<RelaySettings> {
    static let relay = TableSchema(
        name: "relay",
        isNamed: false,
        doc: "What concerns the relay as a whole.",
        keys: listenerKeys + tlsKeys + logKeys + visitKeys + pollKeys + publicKeys
    )

    private static let listenerKeys: [Key<RelaySettings>] = [
        Key(
            "listen", \.listen, .tcpListener, needsRestart: true,
            "Where visitors and slots come in. \"*:80\" is every address of this machine."
        ),
        Key(
            "slot_listen", \.slotListen, .tcpListener, byDefault: "none", needsRestart: true,
            "A second listener for slots only."
        ),
        Key(
            "admin_listen", \.adminListen, .listener, needsRestart: true,
            "Where metrics, health and status are served. Keep it on this machine."
        ),
        Key(
            "max_connections_per_address", \.maxConnectionsPerAddress, .limit(upTo: 1_000_000),
            "Connections of one address, an IPv6 /64 being one, but for slots, trusted proxies and this machine; 0 is any number."
        ),
        Key(
            "loops", \.loops, .integer(0...256), needsRestart: true,
            "Event loop threads; 0 lets the relay choose."
        ),
    ]

    private static let tlsKeys: [Key<RelaySettings>] = [
        Key(
            "tls_listen", \.tlsListen, .tcpListener, byDefault: "none", needsRestart: true,
            "A listener with TLS for visitors and slots: \"*:443\"."
        ),
        Key(
            "tls_certificate", \.tlsCertificate, .certificates,
            "The relay's certificate, and behind it those between it and a root. SIGHUP reads it again."
        ),
        Key(
            "tls_key", \.tlsKey, .privateKey,
            "The certificate's private key, which other users of this machine cannot read. SIGHUP reads it again."
        ),
    ]

    private static let logKeys: [Key<RelaySettings>] = [
        Key("log_level", \.logLevel, .choice, "The least severe messages that are logged."),
        Key(
            "log_format", \.logFormat, .choice, needsRestart: true, "Lines for people, or a JSON object on each line."),
        Key("access_log", \.access.destination, .accessLog, "Where the line of each visit goes."),
        Key("access_format", \.access.format, .choice, "How the lines of an access log file look."),
        Key("log_query", \.access.logsQuery, .boolean, "Whether access lines show the query of a target."),
        Key(
            "log_address", \.access.addresses, .choice,
            "Whether access lines show whole addresses, or only their networks: 192.0.2.0, 2001:db8:1::."
        ),
    ]

    private static let visitKeys: [Key<RelaySettings>] = [
        Key(
            "max_body", \.maxBody, .limit(upTo: .tebibytes(1024)), byDefault: "unlimited",
            "The largest body of a visitor; 0 is unlimited."
        ),
        Key(
            "queue_timeout", \.queueTimeout, .duration(.zero ... .seconds(3600)), "How long a visitor waits for a slot."
        ),
        Key("queue_limit", \.queueLimit, .integer(0...1_000_000), "Visitors of one host that may wait for a slot."),
        Key(
            "max_waiting_visitors", \.maxWaitingVisitors, .limit(upTo: 1_000_000),
            "Visitors of all hosts that may wait, of whom no host may have more than are left to the others; 0 is any number."
        ),
        Key("max_slots", \.maxSlots, .integer(1...1_000_000), "Slots that one host may have."),
        Key(
            "min_upload_rate", \.minUploadRate, .limit(upTo: .gibibytes(1)),
            "What a visitor's body must bring in a second, on average over 30 s; 0 is any pace."
        ),
        Key(
            "visit_timeout", \.visitTimeout, .duration(.milliseconds(100) ... .seconds(86400)),
            "From the hand-over of a visit to the head of its reply."
        ),
        Key(
            "idle_timeout", \.idleTimeout, .duration(.milliseconds(100) ... .seconds(86400)),
            "How long a body may stand still, either way."
        ),
    ]

    private static let pollKeys: [Key<RelaySettings>] = [
        Key(
            "park_time", \.parkTime, .duration(.milliseconds(100) ... .seconds(3600)),
            "How long a poll is held; below what proxies in between allow."
        ),
        Key(
            "resend_window", \.resendWindow, .duration(.zero ... .seconds(300)),
            "How long a visit whose reply broke off is kept for it to be sent again."
        ),
        Key(
            "drain_timeout", \.drainTimeout, .duration(.zero ... .seconds(3600)),
            "How long a stop waits for visits under way."
        ),
    ]

    private static let publicKeys: [Key<RelaySettings>] = [
        Key(
            "trusted_proxies", \.trustedProxies, .array(of: .addressRange, "an array of addresses and networks"),
            "Proxies in front of the relay, whose X-Forwarded-* fields are believed."
        ),
        Key(
            "public_scheme", \.publicScheme, .word(["http", "https"]),
            byDefault: "what a trusted proxy says, or what the listener speaks",
            "What visitors type before the host: the scheme of the public URL and of X-Forwarded-Proto."
        ),
        Key(
            "allow_weak_token", \.allowWeakToken, .boolean,
            "Accepts the published token and short ones although the network can reach the relay."
        ),
    ]
}

extension TableSchema<HostConfig> {
    static let host = TableSchema(
        name: "host",
        isNamed: true,
        doc: "A host name, \"blog.example.org\" or \"*.example.org\", and who may serve it.",
        keys: [
            Key("token", \.inlineToken, .token, "The secret that a slot of this host shows."),
            Key(
                "token_file", \.tokenFile, .tokenFile,
                "A file with the token and nothing else, which other users of this machine cannot read."
            ),
            Key(
                "tokens", \.severalTokens, .array(of: .token, "an array of tokens"),
                "Several tokens while one is being replaced: [\"new\", \"old\"]."
            ),
            Key(
                "max_slots", \.maxSlots, .integer(1...1_000_000), byDefault: "that of [relay]",
                "Slots that each name of this table may have."
            ),
        ]
    )
}

/// The three keys for tokens write one list.
extension HostConfig {
    fileprivate var inlineToken: Token? {
        get { tokenSource == .inline && tokens.count == 1 ? tokens.first : nil }
        set { if let newValue { (tokens, tokenSource) = ([newValue], .inline) } }
    }

    fileprivate var severalTokens: [Token]? {
        get { tokenSource == .inline && tokens.count != 1 ? tokens : nil }
        set { if let newValue { (tokens, tokenSource) = (newValue, .inline) } }
    }

    fileprivate var tokenFile: TokenFile? {
        get {
            guard case .file(let path) = tokenSource, let token = tokens.first else { return nil }
            return TokenFile(path: path, token: token)
        }
        set {
            guard let newValue else { return }
            (tokens, tokenSource) = ([newValue.token], .file(newValue.path))
        }
    }
}
