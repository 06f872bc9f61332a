/// Wakes one task that looks at what has changed; signals that come meanwhile are one.
struct ChangeSignal: Sendable {
    private let channel = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// From any thread; never waits.
    func signal() { channel.continuation.yield() }

    var signals: AsyncStream<Void> { channel.stream }
}
