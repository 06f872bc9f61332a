import FPWMetrics
import Glibc
import Logging

extension LogSink {
    /// Whether a line is written, and not only counted because many like it were written just now.
    func admits(_ level: Logger.Level, logger: String, _ message: String, tunnel: Logger.MetadataValue?) -> Bool {
        guard let level = LogFold.Level(level) else { return true }
        let kind = LogFold.Kind(level: level, logger: logger, message: message, tunnel: tunnel?.description)
        let now = timespec.monotonicMicroseconds
        let (summaries, isAdmitted, wasDue, isDue) = fold.withLock { fold in
            let summaries = fold.due(at: now)
            let wasDue = fold.nextDue
            let isAdmitted = fold.admits(kind, at: now)
            return (summaries, isAdmitted, wasDue, fold.nextDue)
        }
        Self.write(summaries, to: queue, style)
        // The thread that writes shall not sleep longer than that.
        if isDue != wasDue { queue.wake() }
        return isAdmitted
    }

    static func write(_ summaries: [LogFold.Summary], to queue: LogQueue, _ style: LogStyle) {
        for summary in summaries {
            let level: Logger.Level = summary.kind.level == .error ? .error : .warning
            var line = LogLine(style, level: level, logger: summary.kind.logger, message: summary.message, at: .now)
            if let tunnel = summary.kind.tunnel { line.add("tunnel", tunnel) }
            line.end()
            queue.append(line.bytes)
        }
    }
}

extension LogFold.Level {
    init?(_ level: Logger.Level) {
        switch level {
        case .warning: self = .warning
        case .error: self = .error
        case .trace, .debug, .info, .notice, .critical: return nil
        }
    }
}

extension timespec {
    /// A moment on CLOCK_MONOTONIC.
    init(monotonicMicroseconds time: Int) {
        self.init(tv_sec: time / 1_000_000, tv_nsec: time % 1_000_000 * 1000)
    }
}
