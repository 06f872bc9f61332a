import FPWConfig
import FPWMetrics
import FPWProtocol
import FPWService
import FPWTransport
import Logging
import TestSupport
import Testing

@testable import FPWDaemon

/// A real tunnel between a scripted relay and a scripted upstream, on an event loop of its own.
final class Lab: Sendable {
    let budget = KeepBudget(bytes: 1 << 20)
    /// Of the inspector, which is on.
    let captures = KeepBudget(bytes: 1 << 20)
    /// What became of the link, in order.
    let events = Box<[String]>([])
    /// How long the stop took.
    let stop = Box<Duration>(.zero)
    let droppedReplies = Box<UInt64>(0)
    /// The sum of `fpwd_visits_total`.
    let visits = Box<UInt64>(0)
}

private let curlIsReady = Curl.initialize()

/// Runs a tunnel of one slot while `body` does something with it, stops it now, and tells what it left.
///
/// - Parameter afterStop: lets go of scripts that still hold their connections.
func withTunnel(
    relay: @escaping ScriptedServer.Script, upstream: @escaping ScriptedServer.Script,
    change: (inout TunnelConfig) -> Void = { _ in }, afterStop: () -> Void = {}, _ body: (Lab) async -> Void
) async throws -> Lab {
    try #require(curlIsReady)
    let (relay, upstream) = (ScriptedServer(relay), ScriptedServer(upstream))
    defer {
        relay.stop()
        upstream.stop()
    }
    var config = try TunnelConfig.sample(upstream: upstream.url, relay: relay.url + "/")
    (config.workers, config.maxWorkers, config.proxy) = (1, 1, "")
    (config.idleTimeout, config.upstreamTimeout) = (.seconds(60), .seconds(60))
    change(&config)
    let loop = try EventLoop()
    defer { loop.shutdown() }
    let lab = Lab()
    let metrics = DaemonMetrics(registry: MetricRegistry(), version: "0")
    let tunnel = Tunnel(
        config, loops: [loop], budget: lab.budget, metrics: metrics,
        sink: LogSink(LogStyle(.text), level: .critical), loopID: "1", captures: lab.captures
    ) { event in
        if case .link(let event, _, _) = event { lab.events.value.append(event.word) }
    }
    async let run: Void = tunnel.run()
    await body(lab)
    let began = Moment.now
    tunnel.stop(.now)
    await run
    lab.stop.value = .now - began
    lab.droppedReplies.value = tunnel.metrics.repliesDropped.value
    let visits = metrics.registry.snapshot().first { $0.declaration.name == "fpwd_visits_total" }
    for case .number(let count) in (visits?.series ?? []).map(\.value) { lab.visits.value += UInt64(count) }
    afterStop()
    return lab
}

extension LinkState.Event {
    fileprivate var word: String {
        switch self {
        case .cameUp: "up"
        case .wentDown: "down"
        case .stillDown: "still down"
        }
    }
}

extension Peer {
    /// Hands a visit over to the slot whose POST was read.
    func visit(_ method: String = "GET", id: Int = 1, framing: String = "content-length: 0", _ body: String = "") {
        send(
            """
            HTTP/1.1 200 OK\r
            fpw-rid: \(id)\r
            fpw-method: \(method)\r
            fpw-url: /\r
            fpw-header: {}\r
            fpw-uip: 192.0.2.1\r
            \(framing)\r
            \r
            \(body)
            """)
    }
}
