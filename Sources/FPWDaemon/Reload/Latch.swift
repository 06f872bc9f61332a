/// Something that happens once; one task may wait for it, before or after.
struct Latch: Sendable {
    private let signal = AsyncStream<Never>.makeStream()

    func open() { signal.continuation.finish() }

    /// Returns when it is open, when `limit` has passed, or when the task is cancelled.
    func wait(atMost limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in signal.stream {} }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
