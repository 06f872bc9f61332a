package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The HTTP listener for operators and their tools: metrics, health, status.
///
/// Answers GET and HEAD on fixed paths. Whoever may connect may read: it listens on loopback or a unix socket unless told
/// otherwise, and the Host field is not looked at.
package struct AdminListener: Service {
    private let socket: ListeningSocket
    private let routes: [String: AdminRoute]
    private let limits: AdminLimits
    private let logger: Logger

    /// Binds at once, serves in `run()`.
    ///
    /// - Parameters:
    ///   - key: the configuration key that holds the address, for the error.
    ///   - routes: from a path, `/metrics`, to what answers it.
    package init(
        _ address: ServerAddress, key: String = "admin_listen", routes: [String: AdminRoute], logger: Logger
    ) throws(BindFailure) {
        try self.init(address, key: key, routes: routes, limits: AdminLimits(), logger: logger)
    }

    init(
        _ address: ServerAddress, key: String = "admin_listen", routes: [String: AdminRoute], limits: AdminLimits,
        logger: Logger
    ) throws(BindFailure) {
        socket = try ListeningSocket(address, key: key)
        self.routes = routes
        self.limits = limits
        self.logger = logger
    }

    /// Where it listens, with the port that the system chose.
    package var address: ServerAddress { socket.address }

    /// Serves until a graceful shutdown or cancellation; answers under way are finished, streams are ended.
    package func run() async throws {
        guard let descriptor = socket.take() else { return }
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .bind(descriptor) { [routes, limits, logger] channel in
                channel.eventLoop.makeCompletedFuture {
                    try AdminConnection(channel, routes: routes, limits: limits, logger: logger)
                }
            }
        try await server.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections.cancelOnGracefulShutdown() {
                    group.addTask { await connection.serve() }
                }
            }
        }
    }
}
