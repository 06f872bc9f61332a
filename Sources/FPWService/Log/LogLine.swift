package import Logging

/// One log line, built in one buffer.
///
/// Whatever is added may come from a peer: control characters are written as escapes in either format, so a line stays
/// one line and a terminal stays sane.
package struct LogLine: ~Copyable {
    private(set) var bytes: [UInt8] = []
    private let format: LogStyle.Format

    init(_ style: LogStyle, level: Logger.Level, logger: String?, message: String, at time: WallClock) {
        format = style.format
        bytes.reserveCapacity(384)
        if style.isForJournal { bytes.append(string: "<\(level.journalPriority)>") }
        switch format {
        case .text: beginText(style, level: level, message: message, at: time)
        case .json: beginJSON(style, level: level, logger: logger, message: message, at: time)
        }
    }

    /// A JSON object that says nothing of a level or a message.
    init(jsonAt time: WallClock) {
        format = .json
        bytes.reserveCapacity(512)
        bytes.append(static: "{\"time\":\"")
        time.appendRFC3339(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Adds a text value.
    package mutating func add(_ name: String, _ value: String) {
        begin(name)
        append(value: value.utf8.span)
    }

    /// Adds bytes as they came from a peer; those outside ASCII are written as U+0080–00FF.
    package mutating func add(_ name: String, bytes value: [UInt8]) {
        begin(name)
        append(value: value.span, as: .latin1)
    }

    package mutating func add(_ name: String, _ value: Int) {
        begin(name)
        bytes.append(string: String(value))
    }

    /// Adds a duration in milliseconds with three decimals; the unit belongs into `name`.
    package mutating func add(_ name: String, milliseconds value: Duration) {
        begin(name)
        let (seconds, attoseconds) = value.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        bytes.append(string: String(microseconds / 1000))
        bytes.append(UInt8(ascii: "."))
        bytes.append(decimal: Int(microseconds % 1000), digits: 3)
    }

    package mutating func add(_ name: String, _ value: Logger.MetadataValue) {
        begin(name)
        switch format {
        case .text: append(value: value.description.utf8.span)
        case .json: bytes.append(json: value)
        }
    }

    /// Ends the line; nothing may be added after it.
    mutating func end() {
        if format == .json { bytes.append(UInt8(ascii: "}")) }
        bytes.append(UInt8(ascii: "\n"))
    }
}

extension LogLine {
    private mutating func beginText(_ style: LogStyle, level: Logger.Level, message: String, at time: WallClock) {
        if !style.isForJournal {
            time.appendRFC3339(to: &bytes)
            bytes.append(UInt8(ascii: " "))
        }
        let colour = style.isColoured ? level.colour : nil
        if let colour { bytes.append(static: colour) }
        bytes.append(string: level.rawValue)
        if colour != nil { bytes.append(static: "\u{1B}[0m") }
        for _ in level.rawValue.utf8.count..<9 { bytes.append(UInt8(ascii: " ")) }
        bytes.append(escaping: message.utf8.span, as: .utf8, quotes: false)
    }

    private mutating func beginJSON(
        _ style: LogStyle, level: Logger.Level, logger: String?, message: String, at time: WallClock
    ) {
        bytes.append(static: "{\"time\":\"")
        time.appendRFC3339(to: &bytes)
        bytes.append(static: "\",\"level\":\"")
        bytes.append(string: level.rawValue)
        bytes.append(UInt8(ascii: "\""))
        if let logger { add("logger", logger) }
        add("message", message)
    }

    private mutating func begin(_ name: String) {
        switch format {
        case .text:
            bytes.append(UInt8(ascii: " "))
            bytes.append(escaping: name.utf8.span, as: .utf8, quotes: false)
            bytes.append(UInt8(ascii: "="))
        case .json:
            bytes.append(UInt8(ascii: ","))
            bytes.append(quoting: name.utf8.span)
            bytes.append(UInt8(ascii: ":"))
        }
    }

    private mutating func append(value: Span<UInt8>, as characters: LogCharacters = .utf8) {
        if format == .text && value.isPlainWord {
            bytes.append(span: value)
        } else {
            bytes.append(quoting: value, as: characters)
        }
    }
}
