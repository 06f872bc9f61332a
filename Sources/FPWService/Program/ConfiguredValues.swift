package import FPWConfig
package import Logging

// What a configuration says, as the parts take it that carry it out.

extension ServerAddress {
    package init(_ address: ListenAddress) {
        switch address {
        case .tcp(let host, let port): self = .tcp(host: host, port: port)
        case .unix(let path): self = .unix(path: path)
        }
    }
}

extension ConfigurationWarning {
    package init(_ diagnostic: Diagnostic) {
        self.init(
            in: diagnostic.source, at: diagnostic.position.map { ($0.line, $0.column) }, diagnostic.message)
    }
}

extension LogStyle.Format {
    package init(_ format: LogFormat) {
        switch format {
        case .text: self = .text
        case .json: self = .json
        }
    }
}

extension Logger.Level {
    package init(_ level: LogLevel) {
        switch level {
        case .trace: self = .trace
        case .debug: self = .debug
        case .info: self = .info
        case .notice: self = .notice
        case .warning: self = .warning
        case .error: self = .error
        case .critical: self = .critical
        }
    }
}

extension AccessLogSettings {
    package init(_ config: AccessLogConfig) {
        self.init()
        destination =
            switch config.destination {
            case .off: .off
            case .standardError: .log
            case .file(let path): .file(path)
            }
        format = config.format == .json ? .json : .combined
        showsQuery = config.logsQuery
        masksAddresses = config.addresses == .masked
    }
}
