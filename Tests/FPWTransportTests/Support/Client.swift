import FPWTransport
import TestSupport
import Testing

/// Whether libcurl could be prepared; once for all tests.
private let curlIsReady = Curl.initialize()

/// Runs `body` on an event loop of its own.
func onLoop<Result: Sendable>(_ body: @escaping @Sendable (EventLoop) async throws -> Result) async throws -> Result {
    try #require(curlIsReady)
    let loop = try EventLoop()
    defer { loop.shutdown() }
    return try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask(executorPreference: loop) { try await body(loop) }
        return try await #require(group.next())
    }
}

/// Runs `body` on an event loop, with a server that follows `script`.
func withServer<Result: Sendable>(
    _ script: @escaping ScriptedServer.Script,
    _ body: @escaping @Sendable (EventLoop, ScriptedServer) async throws -> Result
) async throws -> Result {
    let server = ScriptedServer(script)
    defer { server.stop() }
    return try await onLoop { loop in try await body(loop, server) }
}

extension Endpoint {
    /// An endpoint that no variable of the environment changes.
    static func direct(_ url: String) -> Endpoint {
        var endpoint = Endpoint(url: url)
        endpoint.proxy = ""
        return endpoint
    }
}

extension HeaderLines: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (name, value) in elements { append(name, value) }
    }
}

/// How an exchange ended.
struct Outcome: Equatable, Sendable {
    var status = 0
    /// `name: value`, as it came.
    var fields: [String] = []
    var body = ""
    var failure: TransferFailure.Kind?
}

/// A transfer that wakes its waiter by all that happens, and a sink that holds any answer of a test.
final class Client {
    let waiter: Waiter
    let transfer: Transfer
    let sink = Body()

    init(_ loop: EventLoop, _ endpoint: Endpoint) throws {
        waiter = Waiter(loop: loop)
        transfer = try Transfer(loop: loop, endpoint: endpoint, waiter: waiter)
        transfer.wakesOnSent = true
        transfer.wakesOnData = true
    }

    convenience init(_ loop: EventLoop, _ server: ScriptedServer) throws {
        try self.init(loop, .direct(server.url))
    }

    func start(
        _ method: String = "GET", _ target: String = "/", _ headers: HeaderLines = HeaderLines(),
        body: Transfer.RequestBody = .none, window: Int = 64 << 20, limit: Int? = nil
    ) {
        sink.reset(window: window, keep: 0, limit: limit)
        transfer.start(
            .init(method: method, target: Array(target.utf8), headers: headers, body: body, sink: sink))
    }

    func ask(
        _ method: String = "GET", _ target: String = "/", _ headers: HeaderLines = HeaderLines(),
        body: Transfer.RequestBody = .none, limit: Int? = nil
    ) async -> Outcome {
        start(method, target, headers, body: body, limit: limit)
        return await end()
    }

    /// Waits for the exchange's end.
    func end() async -> Outcome {
        await wait("the end of the exchange") { [transfer] in !transfer.isRunning }
        var outcome = Outcome(failure: transfer.failure?.kind)
        guard transfer.hasHead else { return outcome }
        outcome.status = transfer.status
        let lines = transfer.headLines
        transfer.forEachField { outcome.fields.append("\(lines.text(in: $0)): \(lines.text(in: $1))") }
        outcome.body = String(decoding: sink.read(sink.written), as: UTF8.self)
        return outcome
    }

    /// Waits until something holds; fails the test where nothing wakes the task to see it within a minute.
    func wait(_ what: Comment, for condition: () -> Bool) async {
        let deadline = Moment.now + .seconds(60)
        let holds = await waiter.wait(until: deadline, for: condition)
        #expect(holds && Moment.now < deadline, what)
    }
}

extension [UInt8] {
    func text(in range: Range<Int>) -> String { String(decoding: self[range], as: UTF8.self) }
}

/// A body that is all there.
func body(of bytes: [UInt8], keep: Int = 0) -> Body {
    let body = Body()
    body.reset(window: 1 << 20, keep: keep)
    body.fill(bytes)
    return body
}

/// Bytes that show where one is missing or out of place: a block of prime length, again and again.
func pattern(_ count: Int) -> [UInt8] {
    var bytes = (0..<min(count, 65521)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
    while bytes.count < count { bytes += bytes.prefix(count - bytes.count) }
    return bytes
}
