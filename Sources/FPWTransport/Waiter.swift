import CFPWCurl

/// The place where one task waits on its event loop: for one of its transfers, for a deadline, or to be told to stop.
///
/// A task waits in one place only, so whatever happens fires its waiter, and the task looks again at what it waits for.
/// Firing without anybody waiting is remembered. Belongs to the loop's thread.
@safe package final class Waiter {
    private let loop: EventLoop
    private var continuation: UnsafeContinuation<Void, Never>?
    private var fired = false
    private(set) var deadline = Moment.distantFuture
    private var enteredPool: OpaquePointer?

    package init(loop: EventLoop) {
        self.loop = loop
        loop.register(self)
    }

    deinit {
        if let pool = unsafe enteredPool { unsafe fpw_pool_leave(pool) }
        loop.unregister(self)
    }

    /// The pool of the connections that its transfers use; nil: out of memory.
    var pool: OpaquePointer? {
        if unsafe enteredPool == nil { unsafe enteredPool = fpw_pool_enter(loop.cLoop) }
        return unsafe enteredPool
    }

    /// Wakes the task, or keeps its next `wait` from sleeping.
    package func fire() {
        fired = true
        guard let continuation = unsafe continuation else { return }
        unsafe self.continuation = nil
        unsafe continuation.resume()
    }

    /// Waits until something fires the waiter, or the deadline.
    package func sleep(until deadline: Moment) async {
        loop.assertOnThread()
        if !fired, deadline > Moment.now {
            self.deadline = deadline
            loop.wakeUp(by: deadline)
            unsafe await withUnsafeContinuation { unsafe continuation = $0 }
            self.deadline = .distantFuture
        }
        fired = false
    }

    /// Waits until `condition` holds; false where the deadline came first.
    package func wait(until deadline: Moment = .distantFuture, for condition: () -> Bool) async -> Bool {
        while !condition() {
            if deadline <= Moment.now { return false }
            await sleep(until: deadline)
        }
        return true
    }
}
