package import FPWProtocol

/// What `fpw-relay.conf` says, checked: every value is present, every default is filled in.
package struct RelayConfig: Sendable, Equatable {
    package var relay = RelaySettings()
    package var hosts: [HostConfig] = []

    package init() {}
}

/// The `[relay]` table.
package struct RelaySettings: Sendable, Equatable {
    package var listen = ListenAddress.tcp(host: "127.0.0.1", port: 28820)
    /// A second listener that serves slots only; visitors get 404 there.
    package var slotListen: ListenAddress?
    /// A listener with TLS for visitors and slots. Where it is there, so are certificate and key.
    package var tlsListen: ListenAddress?
    /// The relay's certificate, then those between it and a root.
    package var tlsCertificate: PEMFile?
    package var tlsKey: PEMFile?
    package var adminListen = ListenAddress.tcp(host: "127.0.0.1", port: 9883)
    package var logLevel = LogLevel.info
    package var logFormat = LogFormat.text
    package var access = AccessLogConfig()
    /// Connections of one address, an IPv6 /64 being one; nil (written `0`) is any number.
    package var maxConnectionsPerAddress: Int? = 256
    /// Event loop threads; 0 lets the relay choose.
    package var loops = 0
    /// The largest request body of a visitor; nil (written `0`) is unlimited.
    package var maxBody: ByteCount? = .gibibytes(1)
    /// How long a visitor waits for a slot.
    package var queueTimeout = Duration.seconds(30)
    /// Visitors that wait per host.
    package var queueLimit = 1024
    /// Visitors that wait at all hosts; nil (written `0`) is any number.
    package var maxWaitingVisitors: Int? = 10_000
    /// Slots per host.
    package var maxSlots = 2048
    /// What a visitor's body must bring in a second; nil (written `0`): any pace will do.
    package var minUploadRate: ByteCount? = ByteCount(bytes: 500)
    /// From the hand-over of a visit to its reply's head.
    package var visitTimeout = Duration.seconds(120)
    /// How long a body may stand still, either way.
    package var idleTimeout = Duration.seconds(300)
    /// How long a poll is held.
    package var parkTime = Duration.seconds(90)
    /// How long a broken reply's visit is kept for a resend.
    package var resendWindow = Duration.seconds(10)
    package var drainTimeout = Duration.seconds(30)
    /// Addresses or networks whose `X-Forwarded-*` is believed.
    package var trustedProxies: [AddressRange] = []
    /// What visitors type before the host, `https`; nil: what a trusted proxy says, or what the listener speaks, with its
    /// port.
    package var publicScheme: String?
    package var allowWeakToken = false

    package init() {}
}

/// A `[host."NAME"]` table.
package struct HostConfig: Sendable, Equatable {
    /// An exact name in lower case, or `*.example.org` for any name below it.
    package var pattern: String
    /// The tokens that hold this host; several while one is being rotated.
    package var tokens: [Token]
    package var tokenSource: TokenSource
    /// Slots of each of its names; nil: as many as `[relay]` says.
    package var maxSlots: Int?

    package init(pattern: String, tokens: [Token], tokenSource: TokenSource = .inline, maxSlots: Int? = nil) {
        self.pattern = pattern
        self.maxSlots = maxSlots
        self.tokens = tokens
        self.tokenSource = tokenSource
    }
}
