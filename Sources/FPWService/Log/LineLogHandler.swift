package import Logging

/// swift-log's door to a `LogSink`.
package struct LineLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let sink: LogSink
    private var ownLevel: Logger.Level?

    package init(label: String, sink: LogSink) {
        self.label = label
        self.sink = sink
    }

    /// The sink's level, which a reload may change, unless this logger was given one of its own.
    package var logLevel: Logger.Level {
        get { ownLevel ?? sink.level }
        set { ownLevel = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let message = event.message.description
        let fields = fields(of: event)
        guard sink.admits(event.level, logger: label, message, tunnel: fields["tunnel"]) else { return }
        sink.writeUnconditionally(event.level, logger: label, message) { line in
            for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
                line.add(name, value)
            }
        }
    }

    /// The logger's metadata, overridden by the provider's, overridden by the event's.
    private func fields(of event: LogEvent) -> Logger.Metadata {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let own = event.metadata { fields.merge(own) { $1 } }
        if let error = event.error { fields["error"] = "\(error)" }
        return fields
    }
}
