import FPWMetrics
import Logging

/// What a sink knows of the access log.
struct AccessLog: Sendable {
    var settings = AccessLogSettings()
    var file: LogFile?
    /// What files lost that are no longer written.
    var dropped = 0
}

extension LogSink {
    /// Where visits are logged and how; may be changed at any time.
    package var access: AccessLogSettings {
        get { accessLog.withLock { $0.settings } }
        set {
            accessLog.withLock { [queue, style] access in
                access.settings = newValue
                guard case .file(let path) = newValue.destination, access.file?.path == path else {
                    access.dropped += access.file?.dropped ?? 0
                    access.file = newValue.destination.path.map { path in
                        LogFile(path) { Self.complain($0, in: queue, style) }
                    }
                    return
                }
            }
        }
    }

    /// Whether entries need the visitor's `referer` and `user-agent`.
    package var wantsVisitorFields: Bool { accessLog.withLock { $0.file != nil } }

    /// Writes a visit to where `access_log` says. The entry is asked for only where it is written.
    ///
    /// - Parameter fields: adds what stands in a log line or a JSON object, by the entry as it may be shown.
    package func write(
        _ entry: @autoclosure () -> AccessEntry, fields: (_ line: inout LogLine, _ shown: AccessEntry) -> Void
    ) {
        let (settings, file) = accessLog.withLock { ($0.settings, $0.file) }
        switch settings.destination {
        case .off: return
        case .log:
            guard isEnabled(.info) else { return }
            let shown = entry().shown(by: settings)
            write(.info, "visit") { fields(&$0, shown) }
        case .file:
            let shown = entry().shown(by: settings)
            file?.append(settings.format == .combined ? CombinedLine.bytes(shown, at: .now) : json(shown, fields))
        }
    }

    private func json(_ shown: AccessEntry, _ fields: (inout LogLine, AccessEntry) -> Void) -> [UInt8] {
        var line = LogLine(jsonAt: .now)
        fields(&line, shown)
        if let referer = shown.referer { line.add("referer", bytes: referer) }
        if let userAgent = shown.userAgent { line.add("user_agent", bytes: userAgent) }
        line.end()
        return line.bytes
    }

    /// Opens files anew that were renamed.
    package func reopen() {
        accessLog.withLock { $0.file }?.reopen()
    }

    private static func complain(_ problem: String, in queue: LogQueue, _ style: LogStyle) {
        var line = LogLine(style, level: .error, logger: "log", message: "lines of the access log are lost", at: .now)
        line.add("cause", problem)
        line.end()
        queue.append(line.bytes)
    }
}

extension AccessLogSettings.Destination {
    fileprivate var path: String? {
        if case .file(let path) = self { path } else { nil }
    }
}
