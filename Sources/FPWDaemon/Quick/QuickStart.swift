import FPWService
import Logging
import ServiceLifecycle

/// Checks both ends of a quick tunnel, tells the user, and shows visits as they come.
struct QuickStart: Service {
    /// Within it each end gets its line; short enough that the user sees both five seconds after the start.
    static let checkTime = Duration.seconds(4)

    private var screen: QuickScreen
    private let probe: UpstreamProbe
    private let sink: LogSink
    // Where the terminal stands still, visits are worth less than memory.
    private let events = AsyncStream.makeStream(of: QuickScreen.Event.self, bufferingPolicy: .bufferingOldest(4096))

    init(_ screen: QuickScreen, probe: UpstreamProbe, sink: LogSink) {
        self.screen = screen
        self.probe = probe
        self.sink = sink
    }

    /// Given to the tunnel.
    var observer: TunnelObserver {
        { [continuation = events.continuation] event in continuation.yield(.tunnel(event)) }
    }

    /// The same, with the status page's URL for the banner.
    func showing(page: String?) -> QuickStart {
        var start = self
        start.screen.page = page
        return start
    }

    /// - Throws: `QuickEnd` where it gives up.
    func run() async throws {
        let report = events.continuation
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await probe.run { report.yield(.upstream($0)) } }
            group.addTask {
                try await Task.sleep(for: Self.checkTime)
                report.yield(.checkTimeIsUp(Self.checkTime))
            }
            try await show()
        }
    }

    private func show() async throws {
        var screen = screen
        for await event in events.stream.cancelOnGracefulShutdown() {
            for effect in screen.effects(of: event, at: Console.timeOfDay) {
                switch effect {
                case .show(let text): Console.say(text)
                case .showWarnings: sink.level = .warning
                case .leave(let status): throw QuickEnd(status: status)
                }
            }
        }
    }
}

/// Quick mode gives up: an end does not work, and it was told not to wait.
struct QuickEnd: Error {
    let status: ExitStatus
}
