package import Logging

/// A configuration that was read and can be used, with what a program's command line needs to know of it.
package struct ConfigurationFile<Config: Sendable>: Sendable {
    package let config: Config
    /// Where the running program answers questions.
    package let admin: ServerAddress
    package let logFormat: LogStyle.Format
    package let logLevel: Logger.Level
    package let access: AccessLogSettings
    package let warnings: [ConfigurationWarning]
    /// Every setting with its value and origin, secrets redacted.
    package let effectiveText: String

    package init(
        config: Config, admin: ServerAddress, logFormat: LogStyle.Format, logLevel: Logger.Level,
        access: AccessLogSettings = AccessLogSettings(), warnings: [ConfigurationWarning], effectiveText: String
    ) {
        self.config = config
        self.admin = admin
        self.logFormat = logFormat
        self.logLevel = logLevel
        self.access = access
        self.warnings = warnings
        self.effectiveText = effectiveText
    }
}

/// What is allowed in a configuration and probably not meant.
package struct ConfigurationWarning: Sendable, Equatable, CustomStringConvertible {
    /// `FILE:LINE:COLUMN`, the form that editors and terminals make clickable.
    package let place: String
    package let message: String

    /// - Parameter position: nil where the warning is about the whole of `source`.
    package init(in source: String, at position: (line: Int, column: Int)?, _ message: String) {
        place = position.map { "\(source):\($0.line):\($0.column)" } ?? source
        self.message = message
    }

    /// For a log, whose line says already that it is a warning.
    package var description: String { "\(place): \(message)" }
}
