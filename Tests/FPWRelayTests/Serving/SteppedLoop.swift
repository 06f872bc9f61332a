import Dispatch
import NIOCore
import NIOEmbedded

@testable import FPWRelay

/// A loop whose tasks wait until the test runs them: in a relay several loops come to theirs in any order.
final class SteppedLoop: EventLoop, @unchecked Sendable {
    private let clock = EmbeddedEventLoop()
    private var tasks: [() -> Void] = []
    private(set) var inEventLoop = false

    var isIdle: Bool { tasks.isEmpty }

    /// Does what happens on this loop.
    func turn<Result>(_ body: () throws -> Result) rethrows -> Result {
        let outer = inEventLoop
        inEventLoop = true
        defer { inEventLoop = outer }
        return try body()
    }

    /// Runs the tasks that there are now.
    func run() {
        let due = tasks
        tasks = []
        turn { for task in due { task() } }
    }

    func execute(_ task: @escaping @Sendable () -> Void) { tasks.append(task) }

    func submit<T>(_ task: @escaping @Sendable () throws -> T) -> EventLoopFuture<T> { clock.submit(task) }

    @discardableResult
    func scheduleTask<T>(deadline: NIODeadline, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
        clock.scheduleTask(deadline: deadline, task)
    }

    @discardableResult
    func scheduleTask<T>(in delay: TimeAmount, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
        clock.scheduleTask(in: delay, task)
    }

    func shutdownGracefully(queue: DispatchQueue, _ callback: @escaping @Sendable ((any Error)?) -> Void) {
        clock.shutdownGracefully(queue: queue, callback)
    }
}
