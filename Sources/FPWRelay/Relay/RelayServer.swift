import FPWConfig
import FPWService
import Glibc
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The relay as a service: binds when it is made, serves in `run()`, goes down gracefully.
struct RelayServer: Service {
    private let relay: Relay
    private let visitorSocket: ListeningSocket
    private let slotSocket: ListeningSocket?

    /// - Throws: where an address cannot be bound, naming it and its key.
    init(_ config: RelayConfig, log: LogSink) throws(BindFailure) {
        let settings = config.relay
        visitorSocket = try ListeningSocket(ServerAddress(settings.listen), key: "listen")
        slotSocket = try settings.slotListen.map { address throws(BindFailure) in
            try ListeningSocket(ServerAddress(address), key: "slot_listen")
        }
        relay = Relay(config, port: visitorSocket.address.port, log: log)
    }

    /// Where visitors are served, with the port that the system chose.
    var address: ServerAddress { visitorSocket.address }
    var slotAddress: ServerAddress? { slotSocket?.address }

    /// What the admin listener answers.
    var adminRoutes: [String: AdminRoute] { AdminRoutes(relay: relay).table }

    /// Serves until a graceful shutdown; then finishes what is under way within `drain_timeout`.
    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: Self.loopCount(relay.settings.loops))
        let loops = group.makeIterator().enumerated().map { RelayLoop(index: $0.offset, eventLoop: $0.element) }
        let listeners = try await listen(group, loops)
        let timers = startTimers(loops)
        relay.logger.notice("serving", metadata: ["listen": "\(address)", "loops": "\(loops.count)"])
        try? await gracefulShutdown()
        await goDown(loops)
        for timer in timers { timer.cancel() }
        for listener in listeners { try? await listener.close() }
        for loop in loops { loop.run { loop.closeAll() } }
        try await group.shutdownGracefully()
    }

    /// One loop carries some thirty thousand visits a second; the rest of the machine is for what is beside the relay.
    static func loopCount(_ configured: Int, cores: Int = System.coreCount) -> Int {
        if configured > 0 { return configured }
        return cores <= 2 ? 1 : min(4, cores / 2)
    }
}

extension RelayServer {
    private func listen(_ group: any EventLoopGroup, _ loops: [RelayLoop]) async throws -> [any Channel] {
        var listeners: [any Channel] = []
        for (socket, role) in [(visitorSocket, ListenerRole.visitorsAndSlots), (slotSocket, .slotsOnly)] {
            guard let descriptor = socket?.take() else { continue }
            let bootstrap = Self.bootstrap(group, relay, loops, role)
            listeners.append(try await bootstrap.withBoundSocket(descriptor).get())
        }
        return listeners
    }

    private static func bootstrap(
        _ group: any EventLoopGroup, _ relay: Relay, _ loops: [RelayLoop], _ role: ListenerRole
    ) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(pauseAccepting(relay.logger))
                }
            }
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 4096, maximum: 65536)
            )
            .childChannelInitializer { channel in
                guard let loop = loops.first(where: { $0.eventLoop === channel.eventLoop }) else {
                    return channel.eventLoop.makeFailedFuture(ChannelError.inappropriateOperationForState)
                }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Connection(channel, relay: relay, loop: loop, listener: role))
                }
            }
    }

    /// Where descriptors run out, accepting pauses instead of spinning.
    private static func pauseAccepting(_ logger: Logger) -> AcceptBackoffHandler {
        AcceptBackoffHandler { error in
            logger.error("no connection can be accepted for a second", metadata: ["error": "\(error)"])
            return .seconds(1)
        }
    }

    /// One look a second is exact enough for every deadline here, and costs nothing per visit.
    private func startTimers(_ loops: [RelayLoop]) -> [RepeatedTask] {
        let relay = relay
        return loops.map { loop in
            loop.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
                let now = NIODeadline.now()
                if loop.index == 0 { relay.hosts.sweep(at: now) }
                loop.tick(at: now)
            }
        }
    }

    private func goDown(_ loops: [RelayLoop]) async {
        // From here on a second signal ends the process at once.
        signal(SIGTERM, SIG_DFL)
        signal(SIGINT, SIG_DFL)
        relay.logger.notice("going down: visits under way are finished; a second signal ends at once")
        relay.goDown()
        let deadline = NIODeadline.now() + TimeAmount(relay.settings.drainTimeout)
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
