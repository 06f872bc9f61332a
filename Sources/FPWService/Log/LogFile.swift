import Glibc
import Synchronization

/// A file that lines are appended to. It is opened and written by a thread of its own, so that no caller waits for a disk.
final class LogFile: Sendable {
    let path: String
    private let queue: LogQueue
    private let output: Output

    /// - Parameter report: told why lines are lost, once for each cause until it works again; on the file's thread.
    init(_ path: String, capacity: Int = 1 << 20, report: @escaping @Sendable (_ problem: String) -> Void) {
        self.path = path
        queue = LogQueue(capacity: capacity)
        output = Output(path, report: report)
        queue.startWriter { [output] in output.write($0) }
        queue.wake()
    }

    /// The thread ends once all is written.
    deinit { queue.finish() }

    /// Lines that were lost.
    var dropped: Int { queue.dropped }

    func append(_ line: [UInt8]) { queue.append(line) }

    /// Opens the path anew: the file has been renamed.
    func reopen() {
        output.wantsReopen.store(true, ordering: .relaxed)
        queue.wake()
    }

    func flush(within limit: Duration) { queue.flush(within: limit) }
}

extension LogFile {
    /// The open file; of the writing thread alone, but for the wish.
    private final class Output: @unchecked Sendable {
        let wantsReopen = Atomic(false)
        private let path: String
        private let report: @Sendable (String) -> Void
        private var descriptor: Int32 = -1
        private var lastProblem: String?

        init(_ path: String, report: @escaping @Sendable (String) -> Void) {
            self.path = path
            self.report = report
        }

        deinit { if descriptor >= 0 { close(descriptor) } }

        func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
            guard open() else { return failed("cannot open") }
            guard bytes.isEmpty || LogQueue.write(bytes, to: descriptor) else { return failed("cannot write to") }
            lastProblem = nil
            return true
        }

        private func open() -> Bool {
            if wantsReopen.exchange(false, ordering: .relaxed), descriptor >= 0 {
                close(descriptor)
                descriptor = -1
            }
            if descriptor < 0 { descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640) }
            return descriptor >= 0
        }

        private func failed(_ what: String) -> Bool {
            let problem = "\(what) \(path): \(String(cString: strerror(errno)))"
            if problem != lastProblem { report(problem) }
            lastProblem = problem
            return false
        }
    }
}
