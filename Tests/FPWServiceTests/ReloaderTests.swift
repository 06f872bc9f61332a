import FPWConfig
import FPWMetrics
import Logging
import TestSupport
import Testing

@testable import FPWService

@Suite struct ReloaderTests {
    private struct Wrong: Error, CustomStringConvertible {
        let description = "fpw.conf:1:1: this is wrong\nfpw.conf:2:1: this too"
    }

    private let registry = MetricRegistry()
    private let hangups = AsyncStream.makeStream(of: Void.self)

    private func reloader(
        on signals: AsyncStream<Void>? = nil, _ manager: ServiceManager = ServiceManager { _ in nil },
        apply: @escaping @Sendable () async throws -> Void
    ) -> Reloader<AsyncStream<Void>> {
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return Reloader(
            on: signals ?? hangups.stream, file: "fpw.conf", manager, ReloadMetrics(registry: registry, prefix: "fpwd"),
            log,
            pause: .zero, apply: apply)
    }

    private var isSuccessful: [MetricValue] {
        registry.snapshot().filter { $0.declaration.name == "fpwd_config_last_reload_successful" }
            .flatMap { $0.series.map(\.value) }
    }

    @Test("signals that come while one is answered are answered by one more reload")
    func coalesced() async throws {
        let (count, sent) = (Box(0), Box(0))
        let (begun, allSent) = (Gate(), Gate())
        let storm = AsyncStream<Void> {
            if sent.value == 1 { _ = await begun.passed() }
            sent.value += 1
            guard sent.value > 1000 else { return () }
            allSent.open()
            return nil
        }
        let reloader = reloader(on: storm) {
            count.value += 1
            guard count.value == 1 else { return }
            begun.open()
            _ = await allSent.passed()
        }
        try await reloader.run()
        #expect(count.value == 2)
    }

    @Test("systemd hears of the beginning and the end, of a file with errors too", arguments: [false, true])
    func notified(fails: Bool) async throws {
        let socket = try NotifySocket()
        let reloader = reloader(ServiceManager(environment: socket.environment())) { if fails { throw Wrong() } }
        hangups.continuation.yield()
        hangups.continuation.finish()
        try await reloader.run()
        #expect(socket.receive().hasPrefix("RELOADING=1\n"))
        #expect(socket.receive() == "READY=1")
        #expect(isSuccessful == [.number(fails ? 0 : 1)])
    }

    @Test("a warning in a file with errors is told as a warning")
    func warnings() async throws {
        let lines = Box<[String]>([])
        let log = Logger(label: "test") { _ in Lines(lines) }
        let reloader = Reloader(
            on: hangups.stream, file: "fpw.conf", ServiceManager { _ in nil },
            ReloadMetrics(registry: registry, prefix: "fpwd"), log, pause: .zero
        ) {
            let place = SourcePosition(line: 1, column: 2)
            throw ConfigErrors([
                Diagnostic(.warning, in: "fpw.conf", at: place, "odd"), Diagnostic(.error, in: "fpw.conf", "wrong"),
            ])
        }
        hangups.continuation.yield()
        hangups.continuation.finish()
        try await reloader.run()
        #expect(
            lines.value == [
                "error fpw.conf: wrong", "warning fpw.conf:1:2: odd",
                "error the configuration was not reloaded: nothing has changed",
            ])
    }

    @Test("a good file after a bad one is a success again")
    func recovers() async throws {
        let isBad = Box(true)
        let reloader = reloader {
            defer { isBad.value = false }
            if isBad.value { throw Wrong() }
        }
        let task = Task { try await reloader.run() }
        hangups.continuation.yield()
        while isBad.value { await Task.yield() }
        hangups.continuation.yield()
        hangups.continuation.finish()
        try await task.value
        #expect(isSuccessful == [.number(1)])
    }
}

/// Keeps what is logged, as `level message`.
private struct Lines: LogHandler {
    let lines: Box<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(_ lines: Box<[String]>) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.value.append("\(event.level) \(event.message)") }
}
