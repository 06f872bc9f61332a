import Glibc

/// What other threads give to an event loop, in order.
///
/// A pthread mutex, because `Synchronization.Mutex` shows false races under the thread sanitizer.
@safe final class LoopInbox: @unchecked Sendable {
    enum Item {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var items: [Item] = []
    private var closed = false

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Adds the item, and calls `wake` where nothing lay here before; without effect once the loop is closed, whose
    /// descriptors may then be gone: that is why waking happens under the lock.
    func push(_ item: Item, wake: () -> Void) {
        locked {
            guard !closed else { return }
            items.append(item)
            if items.count == 1 { wake() }
        }
    }

    func takeAll() -> [Item] {
        locked {
            guard !items.isEmpty else { return [] }
            defer { items = [] }
            return items
        }
    }

    var isClosed: Bool { locked { closed } }

    func close() { locked { closed = true } }

    private func locked<Result>(_ body: () -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }
}
