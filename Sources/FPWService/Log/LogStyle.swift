import Glibc
import Logging

/// How log lines look.
package struct LogStyle: Hashable, Sendable {
    package enum Format: Hashable, Sendable {
        /// `TIME LEVEL MESSAGE KEY=VALUE …`
        case text
        /// One object per line.
        case json
    }

    package var format: Format
    /// Colours the level's name.
    package var isColoured: Bool
    /// Begins each line with the priority that journald reads, `<6>`, and leaves the time to it.
    package var isForJournal: Bool

    package init(_ format: Format, isColoured: Bool = false, isForJournal: Bool = false) {
        self.format = format
        self.isColoured = isColoured
        self.isForJournal = isForJournal
    }

    /// The style for what `descriptor` is: journald's stream (systemd.exec(5), `JOURNAL_STREAM`), a terminal, or else.
    package static func suiting(
        _ descriptor: Int32, format: Format, environment: (String) -> String? = ProcessSetup.environment
    ) -> LogStyle {
        let isJournal = environment("JOURNAL_STREAM").map { $0 == streamName(of: descriptor) } ?? false
        let wantsColour = environment("NO_COLOR").map(\.isEmpty) ?? true
        return LogStyle(
            format,
            isColoured: format == .text && wantsColour && isatty(descriptor) == 1,
            isForJournal: isJournal
        )
    }

    private static func streamName(of descriptor: Int32) -> String? {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        return "\(status.st_dev):\(status.st_ino)"
    }
}

extension Logger.Level {
    /// syslog's number for the level (RFC 5424 §6.2.1).
    var journalPriority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// The terminal's attributes for the level's name (ECMA-48 §8.3.117, SGR).
    var colour: StaticString? {
        switch self {
        case .trace, .debug: "\u{1B}[2m"
        case .info: nil
        case .notice: "\u{1B}[36m"
        case .warning: "\u{1B}[33m"
        case .error, .critical: "\u{1B}[31m"
        }
    }
}
