package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The HTTP listener for operators and their tools: metrics, health, status and the status page.
///
/// It listens on loopback or a unix socket unless told otherwise; `AdminGuard` says who may see what.
package struct AdminListener: Service {
    private let socket: ListeningSocket
    private let site: AdminSite
    private let limits: AdminLimits
    private let logger: Logger

    /// Binds at once, serves in `run()`.
    ///
    /// - Parameters:
    ///   - program: whose listener it is, for what it says and for its key's places.
    ///   - key: the configuration key that holds the address, for the error.
    ///   - routes: from a path, `/metrics`, to what answers it; a `*` in it stands for a number.
    package init(
        _ address: ServerAddress, program: String, key: String = "admin_listen", routes: [String: AdminRoute],
        logger: Logger
    ) throws(BindFailure) {
        try self.init(address, program: program, key: key, routes: routes, limits: AdminLimits(), logger: logger)
    }

    init(
        _ address: ServerAddress, program: String, key: String = "admin_listen", routes: [String: AdminRoute],
        limits: AdminLimits, accessKey: AccessKey = AccessKey(), logger: Logger
    ) throws(BindFailure) {
        socket = try ListeningSocket(address, key: key)
        site = AdminSite(
            routes: routes, guardian: AdminGuard(program: program, address: socket.address, key: accessKey))
        self.limits = limits
        self.logger = logger
    }

    /// Where it listens, with the port that the system chose.
    package var address: ServerAddress { socket.address }

    /// Where the status page is, with its key; nil where it needs none or is not served.
    package var pageURL: String? { site.guardian.pageURL(on: address) }

    /// Serves until a graceful shutdown or cancellation; answers under way are finished, streams are ended.
    package func run() async throws {
        guard let descriptor = socket.take() else { return }
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelInitializer { [logger] channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = OverloadHandler(listener: descriptor) { report in
                        logger.error(
                            "operators are turned away",
                            metadata: ["count": "\(report.turnedAway)", "error": "\(report.error)"])
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .childChannelOption(.autoRead, value: false)
            .bind(descriptor) { [site, limits, logger] channel in
                channel.eventLoop.makeCompletedFuture {
                    try AdminConnection(channel, site: site, limits: limits, logger: logger)
                }
            }
        publishURL()
        defer { withdrawURL() }
        try await server.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections.cancelOnGracefulShutdown() {
                    group.addTask { await connection.serve() }
                }
            }
        }
    }
}

// MARK: - The page's URL

extension AdminListener {
    private var pageAddress: PageAddress { PageAddress(program: site.guardian.program, address: address) }

    /// For `status --url`. Without it only that does not work.
    private func publishURL() {
        guard let pageURL else { return }
        do throws(PageAddress.Failure) {
            try pageAddress.write(pageURL)
        } catch {
            logger.notice("the status page's URL is not kept for `status --url`", metadata: ["cause": "\(error)"])
        }
    }

    private func withdrawURL() {
        if let pageURL { pageAddress.remove(pageURL) }
    }
}
