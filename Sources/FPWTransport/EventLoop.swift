import CFPWCurl
import Glibc

/// One thread that runs libcurl's transfers and the Swift tasks that use them.
///
/// As a task executor it runs a worker's code on the thread that also turns its transfers: nothing is locked, and between
/// "transfer done" and the worker's next line lies no other thread. Work from other threads comes through one locked queue.
/// The loop lives until `shutdown()`, which its owner calls once, from another thread, when no task uses it any more.
@safe package final class EventLoop: TaskExecutor, @unchecked Sendable {
    private let handle: OpaquePointer
    private let inbox = LoopInbox()
    private var thread = pthread_t()

    // Of the loop's thread alone.
    private var jobs: [UnownedJob] = []
    private var running: [UnownedJob] = []
    private var waiters: [ObjectIdentifier: Unowned<Waiter>] = [:]
    private var nextDeadline = Moment.distantFuture
    private var network: NetworkWatch?
    /// When the current turn began: good enough for deadlines, and cheaper than the clock.
    package private(set) var now = Moment.now

    /// Starts the thread.
    package init() throws(EventLoopError) {
        guard let handle = unsafe fpw_loop_create() else { throw EventLoopError(errno: errno) }
        unsafe self.handle = handle
        let box = unsafe Unmanaged.passRetained(self)
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                let loop = unsafe Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue()
                unsafe fpw_name_thread("fpw-loop")
                loop.run()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            unsafe box.release()
            unsafe fpw_loop_destroy(handle)
            throw EventLoopError(errno: code)
        }
    }

    /// Ends the thread and waits for it; every transfer of the loop must be gone.
    package func shutdown() {
        precondition(!isOnThread, "a loop cannot wait for itself")
        inbox.close()
        unsafe fpw_loop_wake(handle)
        pthread_join(thread, nil)
        network = nil
        unsafe fpw_loop_destroy(handle)
    }

    var isOnThread: Bool { pthread_equal(pthread_self(), thread) != 0 }

    func assertOnThread() {
        assert(isOnThread, "the state of a loop was touched from another thread")
    }

    /// The C loop, for transfers.
    var cLoop: OpaquePointer { unsafe handle }
}

// MARK: - Jobs

extension EventLoop {
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isOnThread {
            jobs.append(job)
        } else {
            inbox.push(.job(job), wake: wake)
        }
    }

    /// Runs `work` on the loop's thread, soon; from any thread.
    package func execute(_ work: @escaping @Sendable () -> Void) {
        inbox.push(.work(work), wake: wake)
    }

    private func wake() { unsafe fpw_loop_wake(handle) }

    private func run() {
        let executor = unsafe asUnownedTaskExecutor()
        while !inbox.isClosed {
            unsafe runInbox(executor)
            unsafe runJobs(executor)
            turn()
        }
    }

    private func runInbox(_ executor: UnownedTaskExecutor) {
        for item in inbox.takeAll() {
            switch item {
            case .job(let job): unsafe job.runSynchronously(on: executor)
            case .work(let work): work()
            }
        }
    }

    private func runJobs(_ executor: UnownedTaskExecutor) {
        while !jobs.isEmpty {
            swap(&jobs, &running)
            for job in running { unsafe job.runSynchronously(on: executor) }
            running.removeAll(keepingCapacity: true)
        }
    }

    private func turn() {
        let timeout = nextDeadline == .distantFuture ? -1 : max(0, (nextDeadline - Moment.now).nanoseconds)
        unsafe fpw_loop_turn(handle, timeout)
        now = .now
        var events: UInt32 = 0
        while let context = unsafe fpw_loop_next_ready(handle, &events) {
            unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().happened(
                TransferEvents(rawValue: events))
        }
        if unsafe fpw_loop_take_watched(handle) { network?.look() }
        if nextDeadline <= now { fireDueWaiters() }
    }
}

// MARK: - The machine's network

extension EventLoop {
    /// From now on tells of each change, on the loop's thread; from any thread. Where the system does not tell, nothing is
    /// told.
    package func watchNetwork(_ tell: @escaping @Sendable (NetworkChange) -> Void) {
        execute { [self] in
            network = NetworkWatch(tell)
            guard let network else { return }
            if unsafe !fpw_loop_watch(handle, network.descriptor) { self.network = nil }
        }
    }
}

// MARK: - Deadlines

extension EventLoop {
    func register(_ waiter: Waiter) {
        assertOnThread()
        waiters[ObjectIdentifier(waiter)] = Unowned(waiter)
    }

    func unregister(_ waiter: Waiter) {
        assertOnThread()
        waiters[ObjectIdentifier(waiter)] = nil
    }

    /// Deadlines are mostly far away and rarely reached: the loop only keeps the earliest, and looks at all waiters when
    /// that one has come.
    func wakeUp(by deadline: Moment) {
        nextDeadline = min(nextDeadline, deadline)
    }

    private func fireDueWaiters() {
        nextDeadline = .distantFuture
        for waiter in waiters.values.map(\.object) {
            if waiter.deadline <= now {
                waiter.fire()
            } else {
                nextDeadline = min(nextDeadline, waiter.deadline)
            }
        }
    }
}

/// No event loop: the system gave no descriptor, memory or thread.
package struct EventLoopError: Error, CustomStringConvertible {
    let errno: Int32

    package var description: String {
        "cannot start an event loop: \(unsafe String(cString: strerror(errno)))"
    }
}

private struct Unowned<Object: AnyObject> {
    unowned let object: Object

    init(_ object: Object) { self.object = object }
}
