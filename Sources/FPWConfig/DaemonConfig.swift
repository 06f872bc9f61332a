package import FPWProtocol

/// What `fpw.conf` says, checked: every value is present, every default is filled in.
package struct DaemonConfig: Sendable, Equatable {
    package var daemon = DaemonSettings()
    package var tunnels: [TunnelConfig] = []

    package init() {}
}

/// The `[daemon]` table.
package struct DaemonSettings: Sendable, Equatable {
    package var logLevel = LogLevel.info
    package var logFormat = LogFormat.text
    package var access = AccessLogConfig()
    package var adminListen = ListenAddress.tcp(host: "127.0.0.1", port: 9882)
    /// How long a stop waits for visits under way.
    package var drainTimeout = Duration.seconds(30)
    /// Event loop threads; 0 lets the daemon choose.
    package var loops = 0
    /// What the kept copies of all replies may take together.
    package var replyMemory = ByteCount.mebibytes(16)
    /// The status page shows headers and bodies of visits, and sends requests again.
    package var inspector = false

    package init() {}
}

/// A `[tunnel.NAME]` table: one public host and the local service behind it.
package struct TunnelConfig: Sendable, Equatable {
    package var name: String
    /// The public host name, `fpw-host`.
    package var host: String
    package var token: Token
    package var tokenSource: TokenSource
    package var upstream: UpstreamAddress
    /// Asked where no connection to the upstream can be made, or its health check says that it is down.
    package var fallback: UpstreamAddress?
    /// The target that tells whether the upstream is well; nil: nobody asks.
    package var healthPath: RequestTarget?
    /// From one health check to the next.
    package var healthInterval = Duration.seconds(10)
    /// What is done while the health check says "down" and there is no fallback; nil: it is only shown.
    package var whenDown: WhenDown?
    /// The URL that polls are posted to.
    package var relay: RelayURL
    /// Slots that are always open.
    package var workers = 10
    /// Slots at the most.
    package var maxWorkers = 50
    package var access = AccessConfig()
    package var hostHeader = HostHeader.keep
    /// What `x-forwarded-proto` says where the relay says nothing; nil derives it from the relay's URL.
    package var publicScheme: String?
    package var connectTimeout = Duration.seconds(5)
    /// From the request to the upstream's first byte.
    package var upstreamTimeout = Duration.seconds(60)
    /// From the end of a poll's upload to its answer.
    package var pollTimeout = Duration.seconds(200)
    /// How long a body may stand still, either way.
    package var idleTimeout = Duration.seconds(300)
    /// The largest body of a visitor; nil is unlimited.
    package var maxBody: ByteCount?
    package var replyBuffer = ByteCount.mebibytes(1)
    package var spoolMax = ByteCount.mebibytes(256)
    /// Certificates that the relay's chain must end in; nil: the system's.
    package var caFile: String?
    /// The same for an https upstream.
    package var upstreamCAFile: String?
    package var upstreamVerify = true
    /// An HTTP or SOCKS proxy towards the relay; nil: HTTPS_PROXY and NO_PROXY of the environment, `""`: none.
    package var proxy: String?
    package var usesHTTP2 = false
    package var allowPlainRelay = false

    package init(
        name: String, host: String, token: Token, tokenSource: TokenSource, upstream: UpstreamAddress, relay: RelayURL
    ) {
        self.name = name
        self.host = host
        self.token = token
        self.tokenSource = tokenSource
        self.upstream = upstream
        self.relay = relay
    }
}

/// Where a token came from, for messages that must not show the token.
package enum TokenSource: Sendable, Equatable {
    case inline
    case file(String)
    case environment
    case publicDefault
}

/// What a tunnel does while its upstream is down.
package enum WhenDown: String, Sendable, CaseIterable {
    /// Visitors get an error page at once.
    case page
    /// The tunnel closes its slots: another daemon of the same host, or the relay itself, answers the visitors.
    case refuse
}

package enum LogLevel: String, Sendable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
}

package enum LogFormat: String, Sendable, CaseIterable {
    case text, json
}
