package import Logging
package import FPWMetrics
import Glibc
import Synchronization

/// Where all log lines of the process go: a bounded queue, written to a descriptor by a thread of its own.
///
/// No caller ever waits for the descriptor. Lines that find the queue full, or that cannot be written, are dropped and
/// counted. SIGPIPE must be ignored (`ProcessSetup`).
package final class LogSink: Sendable {
    let queue: LogQueue
    let style: LogStyle
    let accessLog = Locked(AccessLog())
    let fold: Locked<LogFold>
    private let currentLevel: Atomic<Int>

    /// Writes to `descriptor`, which stays the caller's and must stay open as long as the sink lives.
    ///
    /// - Parameter capacity: what may wait to be written, in bytes.
    package init(
        _ style: LogStyle, level: Logger.Level = .info, descriptor: Int32 = STDERR_FILENO, capacity: Int = 1 << 20
    ) {
        self.style = style
        currentLevel = Atomic(level.rank)
        let queue = LogQueue(capacity: capacity)
        let fold = Locked(LogFold())
        queue.startWriter {
            LogQueue.write($0, to: descriptor)
        } alarm: {
            let now = timespec.monotonicMicroseconds
            let (summaries, next) = fold.withLock { ($0.due(at: now), $0.nextDue) }
            Self.write(summaries, to: queue, style)
            return next.map { timespec(monotonicMicroseconds: $0) }
        }
        self.queue = queue
        self.fold = fold
    }

    deinit { queue.finish() }

    /// The least severe level that is written; may be changed at any time.
    package var level: Logger.Level {
        get { Logger.Level.allCases[currentLevel.load(ordering: .relaxed)] }
        set { currentLevel.store(newValue.rank, ordering: .relaxed) }
    }

    package func isEnabled(_ level: Logger.Level) -> Bool {
        level.rank >= currentLevel.load(ordering: .relaxed)
    }

    /// Lines that were lost since the start.
    package var dropped: Int {
        queue.dropped + accessLog.withLock { $0.dropped + ($0.file?.dropped ?? 0) }
    }

    /// A logger of the swift-log interface that writes here.
    package func logger(_ label: String) -> Logger {
        Logger(label: label) { LineLogHandler(label: $0, sink: self) }
    }

    /// Writes a line whose fields are known beforehand, without a logger's dictionaries: for the access line of a visit.
    ///
    /// `fields` is not called where the level is not written.
    package func write(_ level: Logger.Level, _ message: String, fields: (inout LogLine) -> Void) {
        guard isEnabled(level) else { return }
        writeUnconditionally(level, logger: nil, message, fields: fields)
    }

    func writeUnconditionally(
        _ level: Logger.Level, logger: String?, _ message: String, fields: (inout LogLine) -> Void
    ) {
        var line = LogLine(style, level: level, logger: logger, message: message, at: .now)
        fields(&line)
        line.end()
        queue.append(line.bytes)
    }

    /// Waits until everything logged so far is written or given up, at most `limit`; for the end of the process.
    package func flush(within limit: Duration = .seconds(1)) {
        accessLog.withLock { $0.file }?.flush(within: limit)
        let summaries = fold.withLock { $0.due(at: timespec.monotonicMicroseconds, all: true) }
        Self.write(summaries, to: queue, style)
        queue.flush(within: limit)
    }
}

extension Logger.Level {
    /// The level's place among all levels, the least severe first.
    fileprivate var rank: Int {
        switch self {
        case .trace: 0
        case .debug: 1
        case .info: 2
        case .notice: 3
        case .warning: 4
        case .error: 5
        case .critical: 6
        }
    }
}

extension LogSink {
    /// Registers how many lines were lost.
    ///
    /// - Parameter name: `fpwd_log_dropped_total`, for example.
    package func register(_ name: String, in registry: MetricRegistry) {
        registry.observed(name, "Log lines that were lost because they could not be written in time.", .counter) {
            [FamilySnapshot.Series(value: .number(Double(self.dropped)))]
        }
    }
}
