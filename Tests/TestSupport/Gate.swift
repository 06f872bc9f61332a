import Glibc

/// Holds a server's script until the test lets it go on. Each `open` lets one `pass`.
package final class Gate: @unchecked Sendable {
    private let semaphore: UnsafeMutablePointer<sem_t>

    package init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    package func open() { sem_post(semaphore) }

    /// The same for a task, which must not block a thread that others need.
    package func passed() async -> Bool {
        await withCheckedContinuation { continuation in
            pthread_detach(startThread { continuation.resume(returning: self.pass()) })
        }
    }

    /// Waits to be let go on; false where nobody did within a minute.
    @discardableResult
    package func pass() -> Bool {
        var end = timespec()
        clock_gettime(CLOCK_REALTIME, &end)
        end.tv_sec += 60
        return sem_timedwait(semaphore, &end) == 0
    }
}
