/// What holds between the keys of a tunnel, between tunnels, and between a tunnel and the daemon.
struct TunnelRules {
    /// Nil where it could not be read.
    let admin: ListenAddress?
    private var linePerSlotOwner: [SlotOwner: Int] = [:]

    init(daemon: TableReading<DaemonSettings>) {
        admin = daemon.knows("admin_listen") ? daemon.target.adminListen : nil
    }

    /// Slots of one host at one relay: two tunnels would take each other's visitors.
    private struct SlotOwner: Hashable {
        let host: String
        let relay: RelayURL
    }

    /// Fills in the defaults that depend on other keys, and reports what contradicts.
    mutating func apply(
        to reading: TableReading<TunnelConfig>, named name: TOMLKey, _ reader: inout ConfigReader
    ) -> TableReading<TunnelConfig> {
        if !isTunnelName(name.name) {
            reader.error(
                at: name.position, "a tunnel's name has 1…64 letters, digits, '-', '_' or '.'; write [tunnel.blog]")
        }
        // Each rule is applied where the keys could be read that it is about.
        var reading = reading
        setMaxWorkers(of: &reading, &reader)
        if reading.written["relay"] == nil { reading.target.relay = RelayURL(defaultFor: reading.target.host) }
        TunnelTokenRules.apply(to: &reading, &reader)
        checkPlainRelay(of: reading, &reader)
        checkPollTimeout(of: reading, &reader)
        checkTwins(of: reading, &reader)
        checkUpstreams(of: reading, &reader)
        checkHealth(of: reading, &reader)
        return reading
    }

    /// The name stands in metrics, logs and file names.
    private func isTunnelName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name.unicodeScalars.allSatisfy { $0.isBareKey || $0 == "." }
    }

    private func setMaxWorkers(of reading: inout TableReading<TunnelConfig>, _ reader: inout ConfigReader) {
        guard reading.knows("workers", "max_workers") else { return }
        let workers = reading.target.workers
        guard let position = reading.written["max_workers"] else {
            reading.target.maxWorkers = max(reading.target.maxWorkers, workers)
            return
        }
        if reading.target.maxWorkers < workers {
            reader.error(at: position, "max_workers = \(reading.target.maxWorkers) is below workers = \(workers)")
        }
    }

    private func checkPlainRelay(of reading: TableReading<TunnelConfig>, _ reader: inout ConfigReader) {
        guard reading.knows("host", "relay", "allow_plain_relay") else { return }
        let tunnel = reading.target
        guard !tunnel.relay.isHTTPS, !tunnel.relay.isLoopback, !tunnel.allowPlainRelay else { return }
        reader.error(
            at: reading.written["relay"],
            "relay = \(quoted(tunnel.relay.text)) would send the token in clear text; "
                + "write https://, or allow_plain_relay = true"
        )
    }

    private func checkPollTimeout(of reading: TableReading<TunnelConfig>, _ reader: inout ConfigReader) {
        guard reading.knows("host", "relay") else { return }
        let tunnel = reading.target
        guard let position = reading.written["poll_timeout"], tunnel.relay.isPublicPlatform,
            tunnel.pollTimeout < .seconds(190)
        else { return }
        reader.warn(
            at: position,
            "poll_timeout = \(quoted(tunnel.pollTimeout.configText)) cuts polls off that this relay holds for 180 s; "
                + "write \"190s\" or more"
        )
    }

    private mutating func checkTwins(of reading: TableReading<TunnelConfig>, _ reader: inout ConfigReader) {
        guard reading.knows("host", "relay") else { return }
        let owner = SlotOwner(host: reading.target.host, relay: reading.target.relay)
        guard let earlier = linePerSlotOwner.updateValue(reading.position?.line ?? 0, forKey: owner) else { return }
        reader.error(
            at: reading.written["host"],
            "\(quoted(owner.host)) at this relay is served by the tunnel on line \(earlier) already; remove one of them"
        )
    }

    private func checkUpstreams(of reading: TableReading<TunnelConfig>, _ reader: inout ConfigReader) {
        let tunnel = reading.target
        for case (let key, let address?) in [("upstream", tunnel.upstream), ("fallback", tunnel.fallback)] {
            guard let admin, address.reaches(admin) else { continue }
            reader.error(
                at: reading.written[key],
                "\(key) = \(quoted(address.description)) is the daemon's own admin_listen; "
                    + "it would show its inside to everyone"
            )
        }
        if reading.knows("upstream", "fallback"), tunnel.fallback == tunnel.upstream {
            reader.error(at: reading.written["fallback"], "fallback is the upstream itself; write another service")
        }
    }

    private func checkHealth(of reading: TableReading<TunnelConfig>, _ reader: inout ConfigReader) {
        guard reading.knows("health_path"), reading.target.healthPath == nil,
            let position = reading.written["when_down"]
        else { return }
        reader.error(at: position, "when_down is without effect; add health_path = \"/healthz\"")
    }
}

extension UpstreamAddress {
    /// Whether requests to it end at this listener, as far as the addresses tell.
    func reaches(_ listener: ListenAddress) -> Bool {
        switch (endpoint, listener) {
        case (.unix(let path), .unix(let other)): path == other
        case (.http(let host, let port), .tcp(let bound, let boundPort)),
            (.https(let host, let port), .tcp(let bound, let boundPort)):
            port == boundPort
                && (host == bound || (isThisMachine(host) && isThisMachine(bound)))
        case (.unix, .tcp), (.http, .unix), (.https, .unix): false
        }
    }

    /// To connect to 0.0.0.0 leads to loopback, too.
    private func isThisMachine(_ host: String) -> Bool {
        isLoopbackHost(host) || IPAddress(host)?.isUnspecified == true
    }
}
