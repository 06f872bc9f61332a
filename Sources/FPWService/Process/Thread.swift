import Glibc

/// Threads of our own, for what would block a task's thread.
package enum Thread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a detached thread; it ends when `body` returns.
    static func start(_ body: @escaping @Sendable () -> Void) {
        guard startIfPossible(body) else {
            preconditionFailure("no thread can be started: \(String(cString: strerror(errno)))")
        }
    }

    /// The same; false with `errno` set where the system gives no thread.
    package static func startIfPossible(_ body: @escaping @Sendable () -> Void) -> Bool {
        let argument = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let failure = pthread_create(&thread, nil, Self.main, argument.toOpaque())
        guard failure == 0 else {
            argument.release()
            errno = failure
            return false
        }
        pthread_detach(thread)
        return true
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
    }
}
