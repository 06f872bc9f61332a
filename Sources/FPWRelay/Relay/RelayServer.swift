import FPWConfig
import FPWMetrics
import FPWService
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The relay as a service: binds when it is made, serves in `run()`, goes down gracefully.
struct RelayServer: Service {
    private let relay: Relay
    private let visitorSocket: ListeningSocket
    private let slotSocket: ListeningSocket?
    private let tlsSocket: ListeningSocket?
    /// What new connections with TLS are shown; nil where no listener has TLS.
    private let identity: Locked<ServerIdentity?>
    private let group: MultiThreadedEventLoopGroup
    private let loops: [RelayLoop]
    /// Whether the event loops come round.
    let pulse: LoopPulse
    /// What systemd shows.
    private let statusLine: StatusLine?
    private let file: String

    /// - Parameters:
    ///   - identity: must be there where the configuration has a listener with TLS.
    ///   - file: where the configuration came from.
    ///   - manager: hears of slots and visitors.
    /// - Throws: where an address cannot be bound, naming it and its key.
    init(
        _ config: RelayConfig, _ identity: ServerIdentity?, file: String, log: LogSink, _ manager: ServiceManager
    ) throws(BindFailure) {
        let settings = config.relay
        self.identity = Locked(identity)
        self.file = file
        statusLine = manager.isListening ? StatusLine(manager) : nil
        visitorSocket = try ListeningSocket(ServerAddress(settings.listen), key: "listen")
        slotSocket = try Self.socket(settings.slotListen, key: "slot_listen")
        tlsSocket = try Self.socket(settings.tlsListen, key: "tls_listen")
        let ports = VisitorPorts(clear: visitorSocket.address.port, secure: tlsSocket?.address.port)
        relay = Relay(config, ports, log: log)
        relay.metrics.observe(self.identity)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: Self.loopCount(settings.loops))
        self.group = group
        let loops = group.makeIterator().enumerated().map { RelayLoop(index: $0.offset, eventLoop: $0.element) }
        self.loops = loops
        pulse = LoopPulse(loops.map { loop in { answer in loop.eventLoop.execute(answer) } })
        pulse.register("fpw_relay_event_loop_lag_seconds", in: relay.metrics.registry)
    }

    private static func socket(_ address: ListenAddress?, key: String) throws(BindFailure) -> ListeningSocket? {
        guard let address else { return nil }
        return try ListeningSocket(ServerAddress(address), key: key)
    }

    /// Where visitors are served, with the port that the system chose.
    var address: ServerAddress { visitorSocket.address }
    var slotAddress: ServerAddress? { slotSocket?.address }
    var tlsAddress: ServerAddress? { tlsSocket?.address }

    var reloads: ReloadMetrics { relay.metrics.reloads }

    /// What the admin listener answers.
    var adminRoutes: [String: AdminRoute] { AdminRoutes(relay: relay).table }

    /// Serves until a graceful shutdown; then finishes what is under way within `drain_timeout`.
    func run() async throws {
        let listeners = try await listen()
        let timers = startTimers()
        var facts: Logger.Metadata = ["listen": "\(address)", "loops": "\(loops.count)"]
        if let tlsAddress { facts["tls_listen"] = "\(tlsAddress)" }
        relay.logger.notice("serving", metadata: facts)
        try? await gracefulShutdown()
        await goDown()
        for timer in timers { timer.cancel() }
        for listener in listeners { try? await listener.close() }
        for loop in loops { loop.run { loop.closeAll() } }
        try await group.shutdownGracefully()
    }

    /// Takes over a changed configuration; says what changed, and what needs a restart.
    ///
    /// - Parameter newIdentity: what new connections with TLS are shown; nil leaves them what they have.
    func apply(_ config: RelayConfig, _ newIdentity: ServerIdentity?) {
        let plan = relay.apply(config)
        if let newIdentity { identity.withLock { $0 = newIdentity } }
        relay.logger.notice(
            "the configuration was reloaded",
            metadata: [
                "added": "\(plan.hosts.added.count)", "removed": "\(plan.hosts.removed.count)",
                "changed": "\(plan.hosts.changed.count)", "unchanged": "\(plan.hosts.unchanged.count)",
            ])
        if let newIdentity, !plan.settings.live.filter({ $0.hasPrefix("tls_") }).isEmpty {
            let until = ServerIdentity.date(newIdentity.notAfter)
            relay.logger.notice("new connections are shown another certificate", metadata: ["until": "\(until)"])
        }
        for key in plan.settings.needRestart {
            relay.logger.warning("[relay] \(key) has changed: restart fpw-relay to use it")
        }
    }

    /// One loop carries some thirty thousand visits a second; the rest of the machine is for what is beside the relay.
    static func loopCount(_ configured: Int, cores: Int = System.coreCount) -> Int {
        if configured > 0 { return configured }
        return cores <= 2 ? 1 : min(4, cores / 2)
    }
}

extension RelayServer {
    private func listen() async throws -> [any Channel] {
        var listeners: [any Channel] = []
        let sockets: [(ListeningSocket?, ListenerRole, Locked<ServerIdentity?>?)] = [
            (visitorSocket, .visitorsAndSlots, nil), (slotSocket, .slotsOnly, nil),
            (tlsSocket, .visitorsAndSlots, identity),
        ]
        for (socket, role, identity) in sockets {
            guard let descriptor = socket?.take() else { continue }
            let bootstrap = bootstrap(role, identity, descriptor)
            listeners.append(try await bootstrap.withBoundSocket(descriptor).get())
        }
        return listeners
    }

    /// - Parameter identity: nil where the listener speaks clear text.
    private func bootstrap(
        _ role: ListenerRole, _ identity: Locked<ServerIdentity?>?, _ descriptor: Int32
    ) -> ServerBootstrap {
        let (relay, loops) = (relay, loops)
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let overload = Self.overloadHandler(descriptor, relay, isSecure: identity != nil)
                    try channel.pipeline.syncOperations.addHandler(overload)
                }
            }
            .childChannelInitializer { channel in
                guard let loop = loops.first(where: { $0.eventLoop === channel.eventLoop }) else {
                    return channel.eventLoop.makeFailedFuture(ChannelError.inappropriateOperationForState)
                }
                return channel.eventLoop.makeCompletedFuture {
                    try Self.setOptions(of: channel)
                    let block = try relay.admit(channel, isSecure: identity != nil)
                    let wire = try identity?.withLock(\.self).map { identity in
                        try Wire.secure(channel, as: identity) {
                            relay.noteNoTLS(Peer(channel.remoteAddress?.ipAddress), $0)
                        }
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        Connection(channel, relay: relay, loop: loop, listener: role, countedAs: block, wire: wire))
                }
            }
    }

    /// Here and not by the bootstrap, which makes a future for each option of each connection.
    private static func setOptions(of connection: any Channel) throws {
        guard let options = connection.syncOptions else { throw ChannelError.operationUnsupported }
        try options.setOption(.autoRead, value: false)
        try options.setOption(.allowRemoteHalfClosure, value: true)
        try options.setOption(.maxMessagesPerRead, value: 1)
        let bufferSizes = AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 4096, maximum: 65536)
        try options.setOption(.recvAllocator, value: bufferSizes)
    }

    /// - Parameter isSecure: the peer awaits TLS, and would not understand an answer.
    private static func overloadHandler(_ descriptor: Int32, _ relay: Relay, isSecure: Bool) -> OverloadHandler {
        OverloadHandler(listener: descriptor, answer: isSecure ? "" : Relay.shortageAnswer) {
            relay.metrics.turnedAway.add($0)
        } report: {
            relay.report(turnedAway: $0.turnedAway, $0.error)
        }
    }

    /// One look a second is exact enough for every deadline here, and costs nothing per visit.
    private func startTimers() -> [RepeatedTask] {
        let (relay, statusLine, file) = (relay, statusLine, file)
        return loops.map { loop in
            loop.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
                loop.readClock()
                let now = loop.now
                if loop.index == 0 {
                    relay.sweep(at: now)
                    statusLine?.show(StatusReport.line(relay.hosts.all, noneIn: relay.hasHosts ? nil : file))
                }
                loop.tick(at: now)
            }
        }
    }

    private func goDown() async {
        relay.goDown()
        let deadline = NIODeadline.now() + relay.live.drainTimeout
        while NIODeadline.now() < deadline, await !Self.areQuiet(loops) {
            try? await Task.sleep(for: .milliseconds(20))
        }
        relay.logger.notice("gone down")
    }

    private static func areQuiet(_ loops: [RelayLoop]) async -> Bool {
        for loop in loops {
            let isQuiet = try? await loop.eventLoop.submit { loop.isQuiet }.get()
            if isQuiet == false { return false }
        }
        return true
    }
}
