import FPWProtocol

extension TableSchema<DaemonSettings> {
    static let daemon = TableSchema(
        name: "daemon",
        isNamed: false,
        doc: "What concerns the daemon as a whole.",
        keys: [
            Key("log_level", \.logLevel, .choice, "The least severe messages that are logged."),
            Key(
                "log_format", \.logFormat, .choice, needsRestart: true,
                "Lines for people, or a JSON object on each line."),
            Key("access_log", \.access.destination, .accessLog, "Where the line of each visit goes."),
            Key("access_format", \.access.format, .choice, "How the lines of an access log file look."),
            Key("log_query", \.access.logsQuery, .boolean, "Whether access lines show the query of a target."),
            Key(
                "log_address", \.access.addresses, .choice,
                "Whether access lines show whole addresses, or only their networks: 192.0.2.0, 2001:db8:1::."
            ),
            Key(
                "admin_listen", \.adminListen, .listener, needsRestart: true,
                "Where metrics, health and status are served. Keep it on this machine."
            ),
            Key(
                "drain_timeout", \.drainTimeout, .duration(.zero ... .seconds(3600)),
                "How long a stop waits for visits under way."
            ),
            Key(
                "loops", \.loops, .integer(0...256), needsRestart: true,
                "Event loop threads; 0 lets the daemon choose."
            ),
            Key(
                "reply_memory", \.replyMemory, .size(ByteCount(bytes: 0) ... .tebibytes(1)),
                "What the kept copies of all replies may take together; above it replies are not kept for sending again."
            ),
            Key(
                "inspector", \.inspector, .boolean, needsRestart: true,
                "Whether the status page shows headers and bodies of visits, and sends requests again."
            ),
        ]
    )
}

extension TableSchema<TunnelConfig> {
    static let tunnel = TableSchema(
        name: "tunnel",
        isNamed: true,
        doc: "One public host and the local service behind it.",
        keys: identityKeys + slotKeys + accessKeys + forwardingKeys + healthKeys + deadlineKeys + bodyKeys
            + relayLinkKeys
    )

    private static let identityKeys: [Key<TunnelConfig>] = [
        Key("host", \.host, .hostName, neededAs: "host = \"blog.example.org\"", "The public host name, in full."),
        Key(
            "token", \.inlineToken, .token, byDefault: "the published token, for *.28820.com only",
            "The secret that holds the host; better kept in a token_file."
        ),
        Key(
            "token_file", \.tokenFile, .tokenFile,
            "A file with the token and nothing else, which other users of this machine cannot read."
        ),
        Key(
            "upstream", \.upstream, .upstream, neededAs: "upstream = \"http://127.0.0.1:8080\"",
            "The local service: http://…, https://… or unix:/path."
        ),
        Key("relay", \.relay, .relayURL, byDefault: "`https://<host>/`", "The relay's URL."),
    ]

    private static let slotKeys: [Key<TunnelConfig>] = [
        Key("workers", \.workers, .integer(1...1024), "Slots that are always open: visitors served at once."),
        Key(
            "max_workers", \.maxWorkers, .integer(1...1024), byDefault: "50, or `workers` where that is more",
            "Slots at the most, opened while there are many visitors."
        ),
    ]

    private static let forwardingKeys: [Key<TunnelConfig>] = [
        Key(
            "host_header", \.hostHeader, .hostHeader,
            "The Host that the upstream sees: the visitor's (keep), the upstream's own (upstream), or a name."
        ),
        Key(
            "public_scheme", \.publicScheme, .word(["http", "https"]), byDefault: "what the relay says, or its URL",
            "What X-Forwarded-Proto says where the relay says nothing."
        ),
        Key(
            "upstream_ca_file", \.upstreamCAFile, .path, byDefault: "the system's certificates",
            "Certificates (PEM) that an https upstream's own must lead to."
        ),
        Key("upstream_verify", \.upstreamVerify, .boolean, "Whether an https upstream's certificate is verified."),
    ]

    private static let healthKeys: [Key<TunnelConfig>] = [
        Key(
            "fallback", \.fallback, .upstream, byDefault: "none",
            "A second service, asked where no connection to the first can be made or its health check says down."
        ),
        Key(
            "health_path", \.healthPath, .target, byDefault: "no check",
            "A path that the upstream answers with 2xx or 3xx while it is well."
        ),
        Key(
            "health_interval", \.healthInterval, .duration(.milliseconds(100) ... .seconds(3600)),
            "From one health check to the next; two failures in a row mean down, one success means up."
        ),
        Key(
            "when_down", \.whenDown, .choice, byDefault: "it is only shown",
            "While the upstream is down and there is no fallback: visitors get an error page at once, or the slots close."
        ),
    ]

    private static let deadlineKeys: [Key<TunnelConfig>] = [
        Key(
            "connect_timeout", \.connectTimeout, .duration(.milliseconds(100) ... .seconds(300)),
            "For a connection to the relay or the upstream."
        ),
        Key(
            "upstream_timeout", \.upstreamTimeout, .duration(.milliseconds(100) ... .seconds(3600)),
            "From a request to the upstream's first byte; below the relay's visit_timeout."
        ),
        Key(
            "poll_timeout", \.pollTimeout, .duration(.milliseconds(100) ... .seconds(3600)),
            "From the end of a poll's upload to its answer; the public relay holds polls for 180 s."
        ),
        Key(
            "idle_timeout", \.idleTimeout, .duration(.milliseconds(100) ... .seconds(86400)),
            "How long a body may stand still, either way."
        ),
    ]

    private static let bodyKeys: [Key<TunnelConfig>] = [
        Key(
            "max_body", \.maxBody, .limit(upTo: .tebibytes(1024)), byDefault: "unlimited",
            "The largest body of a visitor; 0 is unlimited."
        ),
        Key(
            "reply_buffer", \.replyBuffer, .size(.kibibytes(64) ... .gibibytes(1)),
            "How much of a reply is kept in memory to be sent again when its connection breaks."
        ),
        Key(
            "spool_max", \.spoolMax, .size(ByteCount(bytes: 0) ... .tebibytes(1)),
            "The largest reply that is spooled to disk for a relay that needs to know its length."
        ),
    ]

    private static let relayLinkKeys: [Key<TunnelConfig>] = [
        Key(
            "ca_file", \.caFile, .path, byDefault: "the system's certificates",
            "Certificates (PEM) that the relay's own must lead to."
        ),
        Key(
            "proxy", \.proxy, .proxy, byDefault: "HTTPS_PROXY and NO_PROXY of the environment",
            "An HTTP or SOCKS proxy towards the relay; \"\" is none. Never used towards the upstream."
        ),
        Key(
            "http2", \.usesHTTP2, .boolean,
            "Speaks HTTP/2 with an https relay that offers it: few connections, but a slow visitor holds up the others."
        ),
        Key(
            "allow_plain_relay", \.allowPlainRelay, .boolean,
            "Accepts an http:// relay off this machine, which sends the token and all traffic in clear text."
        ),
    ]
}

/// The token's two keys write one pair of values.
extension TunnelConfig {
    fileprivate var inlineToken: Token? {
        get { if case .file = tokenSource { nil } else { token } }
        set {
            guard let newValue else { return }
            token = newValue
            tokenSource = .inline
        }
    }

    fileprivate var tokenFile: TokenFile? {
        get { if case .file(let path) = tokenSource { TokenFile(path: path, token: token) } else { nil } }
        set {
            guard let newValue else { return }
            token = newValue.token
            tokenSource = .file(newValue.path)
        }
    }

    /// What a `[tunnel.NAME]` table is read into. Keys without a default are empty until it has been read.
    static func unread(_ name: String) -> TunnelConfig {
        TunnelConfig(
            name: name, host: "", token: Token(""), tokenSource: .publicDefault,
            upstream: UpstreamAddress(.unix(path: "")), relay: RelayURL(defaultFor: "")
        )
    }
}
