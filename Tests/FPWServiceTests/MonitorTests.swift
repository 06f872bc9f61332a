@testable import FPWService
import Glibc
import Testing

@Suite struct MonitorTests {
    @Test("a change for which a condition is waited does not come after its deadline")
    func deadline() {
        let monitor = Monitor(1)
        #expect(monitor.change(when: { $0 == 2 }, before: .monotonic(after: .milliseconds(1))) { $0 } == nil)
        #expect(monitor.change(when: { $0 == 1 }, before: .monotonic(after: .zero)) { $0 } == 1)
    }

    @Test("a change wakes the thread that waits for it")
    func wakes() async {
        let monitor = Monitor(1)
        async let seen = onThread { monitor.change(when: { $0 == 2 }) { $0 * 10 } }
        monitor.change { $0 = 2 }
        #expect(await seen == 20)
    }
}

/// Runs what blocks on a thread of its own, so that the tasks' few threads stay free.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        Thread.start { continuation.resume(returning: body()) }
    }
}
