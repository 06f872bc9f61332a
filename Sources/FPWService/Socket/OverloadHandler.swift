import Glibc
package import NIOCore

/// Turns connections away that find no free descriptor, with an answer, so that they do not hang and the listener does not
/// spin on what it cannot accept.
///
/// One descriptor is kept in reserve to take such connections with. Where even that does not help, accepting pauses for
/// `pause`.
package final class OverloadHandler: ChannelInboundHandler {
    package typealias InboundIn = any Channel

    /// What has happened since this was last told.
    package struct Report: Sendable, Equatable {
        package let turnedAway: Int
        package let error: String
    }

    /// NIO keeps trying to accept a connection that it could not, and would do nothing else.
    static let pause = TimeAmount.milliseconds(100)
    /// In one go: other connections wait meanwhile.
    private static let atOnce = 64

    private let listener: Int32
    private let answer: [UInt8]
    private let turnedAway: (Int) -> Void
    private let report: (Report) -> Void
    private var reserve = OverloadHandler.openReserve()
    private var folding = Folding()

    /// - Parameters:
    ///   - listener: the listening socket's descriptor; stays its channel's.
    ///   - answer: what each connection is sent, a whole HTTP response.
    ///   - turnedAway: counts them.
    ///   - report: logs them; called at once at first, and then once a minute at the most.
    package init(
        listener: Int32, answer: String = OverloadHandler.answer(), turnedAway: @escaping (Int) -> Void = { _ in },
        report: @escaping (Report) -> Void
    ) {
        self.listener = listener
        self.answer = Array(answer.utf8)
        self.turnedAway = turnedAway
        self.report = report
    }

    deinit { if reserve >= 0 { close(reserve) } }

    /// A 503 that says when to come back.
    ///
    /// - Parameter fields: further field lines, each with its line end.
    package static func answer(fields: String = "") -> String {
        Dismissal.answer(
            "503 Service Unavailable", "Too many connections. Please try again in a moment.\n", retryAfter: 1,
            fields: fields)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError, let isShortage = Self.isShortage(error.errnoCode) else {
            return context.fireErrorCaught(error)
        }
        guard isShortage else { return }
        let count = turnAway()
        turnedAway(count)
        if let sum = folding.note(count, at: .now()) { report(Report(turnedAway: sum, error: "\(error)")) }
        if count == 0 { pauseAccepting(context.channel) }
    }

    /// Whether the system is short of something; nil where the error is none that a listener survives.
    private static func isShortage(_ code: Int32) -> Bool? {
        switch code {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: true
        case ECONNABORTED: false
        default: nil
        }
    }
}

extension OverloadHandler {
    private static func openReserve() -> Int32 { open("/dev/null", O_RDONLY | O_CLOEXEC) }

    private func turnAway() -> Int {
        if reserve >= 0 { close(reserve) }
        defer { reserve = Self.openReserve() }
        var count = 0
        while count < Self.atOnce {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            Dismissal.send(answer, to: connection)
            close(connection)
            count += 1
        }
        return count
    }

    private func pauseAccepting(_ channel: any Channel) {
        _ = channel.setOption(.autoRead, value: false)
        channel.eventLoop.scheduleTask(in: Self.pause) { _ = channel.setOption(.autoRead, value: true) }
    }
}
