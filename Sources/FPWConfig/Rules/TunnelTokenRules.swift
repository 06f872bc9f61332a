import FPWProtocol

/// Where a tunnel's token comes from, and where the published one must not go.
enum TunnelTokenRules {
    static func apply(to reading: inout TableReading<TunnelConfig>, _ reader: inout ConfigReader) {
        guard reading.knows("host", "relay", "token", "token_file") else { return }
        switch (reading.written["token"], reading.written["token_file"]) {
        case (nil, nil):
            usePublishedToken(in: &reading, &reader)
        case (let inline?, let file?):
            reader.error(at: max(inline, file), "token and token_file both stand in \(reading.title); keep one")
        case (let inline?, nil):
            if reader.othersCanReadFile { reader.warnAboutReadableToken(at: inline) }
            refusePublishedToken(in: reading, at: inline, "token is", &reader)
        case (nil, let file?):
            refusePublishedToken(in: reading, at: file, "token_file holds", &reader)
        }
    }

    private static func usePublishedToken(in reading: inout TableReading<TunnelConfig>, _ reader: inout ConfigReader) {
        guard reading.target.mayUsePublishedToken else {
            return reader.error(
                at: reading.position,
                "\(reading.title) has no token; write token_file = \"/etc/fpw/NAME.token\" "
                    + "(the published token is for *.\(FPWDefaults.publicDomain) only)"
            )
        }
        reading.target.token = FPWDefaults.publicToken
        reading.target.tokenSource = .publicDefault
    }

    private static func refusePublishedToken(
        in reading: TableReading<TunnelConfig>, at position: SourcePosition, _ what: String,
        _ reader: inout ConfigReader
    ) {
        guard reading.target.token == FPWDefaults.publicToken, !reading.target.mayUsePublishedToken else { return }
        reader.error(
            at: position,
            "\(what) the published token, which is for *.\(FPWDefaults.publicDomain) only; use one of this relay's own"
        )
    }
}

extension RelayURL {
    /// The only relays that the published token is sent to.
    package var isPublicPlatform: Bool { host.hasSuffix(".\(FPWDefaults.publicDomain)") }
}

extension TunnelConfig {
    /// The published token goes to the public platform only, for names of its own.
    var mayUsePublishedToken: Bool { host.hasSuffix(".\(FPWDefaults.publicDomain)") && relay.isPublicPlatform }
}

extension ConfigReader {
    mutating func warnAboutReadableToken(at position: SourcePosition) {
        warn(
            at: position, "every user of this machine can read this token; use token_file, or run: chmod o-rwx \(file)")
    }
}
