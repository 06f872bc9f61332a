import FPWConfig
import FPWProtocol
import FPWService
import FPWTransport
import Glibc
import Logging

/// `fpwd UPSTREAM`: one tunnel without a configuration file.
struct QuickProgram {
    let quick: QuickMode
    let once: Bool

    /// Runs until it is told to end; returns the exit status.
    func run() async throws -> ExitStatus {
        let name: KeptName?
        do throws(KeptNameError) {
            name = try keptName()
        } catch {
            if let status = Self.complain(error, about: quick.upstream) { return status }
            return try await run(host: drawnName())
        }
        // The name stays locked until the end.
        defer { withExtendedLifetime(name) {} }
        return try await run(host: quick.host ?? name?.host ?? drawnName())
    }

    /// Nil where the user named the host, or there is no folder to keep a name in.
    private func keptName() throws(KeptNameError) -> KeptName? {
        guard quick.host == nil, let directory = KeptName.directory(ProcessSetup.environment) else { return nil }
        return try KeptName(key: quick.stateKey, in: directory, draw: drawnName)
    }

    private func drawnName() -> String {
        var generator = SystemRandomNumberGenerator()
        return QuickMode.drawHost(using: &generator)
    }

    private func run(host: String) async throws -> ExitStatus {
        let config = try quick.config(host: host)
        guard let tunnel = config.tunnels.first else { return .configuration }
        // The check's own lines say what the log would, until it is over.
        let sink = LogSink(LogStyle.suiting(STDERR_FILENO, format: .text), level: .critical)
        let probe = UpstreamProbe(
            endpoint: Endpoint(upstream: tunnel.upstream, of: tunnel), host: tunnel.host, limit: QuickStart.checkTime)
        let start = QuickStart(
            QuickScreen(tunnel, once: once, hostIsDrawn: quick.host == nil), probe: probe, sink: sink)
        do {
            let daemon = try Self.daemon(config, sink, start.observer)
            try await daemon.run(beside: [start.showing(page: daemon.pageURL)])
            return .success
        } catch let end as QuickEnd {
            return end.status
        }
    }

    /// The admin listener is a convenience here: where its port is taken, another one does.
    private static func daemon(
        _ config: DaemonConfig, _ sink: LogSink, _ observer: @escaping TunnelObserver
    ) throws(StartFailure) -> Daemon {
        do throws(StartFailure) {
            return try Daemon(config, sink: sink, observer: observer)
        } catch {
            var config = config
            config.daemon.adminListen = .tcp(host: "127.0.0.1", port: 0)
            return try Daemon(config, sink: sink, observer: observer)
        }
    }
}

extension QuickProgram {
    /// Nil: it is only a pity.
    private static func complain(_ error: KeptNameError, about upstream: UpstreamAddress) -> ExitStatus? {
        Console.complain(error.text(about: upstream))
        switch error {
        case .alreadyRunning: return .unavailable
        case .cannotKeep: return nil
        }
    }
}

extension KeptNameError {
    func text(about upstream: UpstreamAddress) -> String {
        switch self {
        case .alreadyRunning(let host, let pid):
            "fpwd: already running for \(upstream)\(host.map { " as \($0)" } ?? "")\(pid.map { ", pid \($0)" } ?? "")"
        case .cannotKeep(let path, let code):
            "fpwd: the drawn name is not kept for the next run: \(path): \(String(cString: strerror(code)))"
        }
    }
}
