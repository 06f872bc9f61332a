import Glibc

/// The bytes that wait to be written, and the thread that writes them.
final class LogQueue: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var lineCount = 0
        var dropped = 0
        var isWriting = false
        /// The writer is called although nothing waits.
        var isWoken = false
        var isFinished = false

        var isIdle: Bool { waiting.isEmpty && !isWriting }
        var hasWork: Bool { isFinished || isWoken || !waiting.isEmpty }
    }

    private let capacity: Int
    private let state = Monitor(State())

    init(capacity: Int) { self.capacity = capacity }

    var dropped: Int { state.change { $0.dropped } }

    /// Takes a whole line, or counts it as dropped where it does not fit.
    func append(_ line: [UInt8]) {
        state.change { state in
            guard state.waiting.count + line.count <= capacity else {
                state.dropped += 1
                return
            }
            state.waiting.append(contentsOf: line)
            state.lineCount += 1
        }
    }

    /// Lets the writer be called soon, with nothing if nothing waits.
    func wake() {
        state.change { $0.isWoken = true }
    }

    /// Waits until nothing waits any more, at most `limit`.
    func flush(within limit: Duration) {
        _ = state.change(when: \.isIdle, before: .monotonic(after: limit)) { _ in }
    }

    /// Lets the thread end once the queue is empty.
    func finish() {
        state.change { $0.isFinished = true }
    }
}

extension LogQueue {
    /// Starts the thread that writes.
    ///
    /// - Parameters:
    ///   - write: tells whether it could.
    ///   - alarm: called before the thread waits, and tells when it wants to be called again at the latest.
    func startWriter(
        _ write: @escaping @Sendable (UnsafeRawBufferPointer) -> Bool,
        alarm: @escaping @Sendable () -> timespec? = { nil }
    ) {
        Thread.start { [self] in
            var batch: [UInt8] = []
            while true {
                switch takeBatch(into: &batch, before: alarm()) {
                case .nothing: continue
                case .end: return
                case .lines(let count):
                    let isWritten = batch.withUnsafeBytes { write($0) }
                    state.change { state in
                        state.isWriting = false
                        if !isWritten { state.dropped += count }
                    }
                    // Lines that come close together are written together: one system call and one wake-up for many.
                    if !state.change(\.isFinished) { usleep(2000) }
                }
            }
        }
    }

    private enum Batch {
        case lines(Int)
        /// The time was up.
        case nothing
        case end
    }

    /// Swaps what waits with the empty `batch`.
    private func takeBatch(into batch: inout [UInt8], before deadline: timespec?) -> Batch {
        batch.removeAll(keepingCapacity: true)
        return state.change(when: \.hasWork, before: deadline) { state in
            guard state.isWoken || !state.waiting.isEmpty else { return .end }
            state.isWoken = false
            swap(&state.waiting, &batch)
            state.isWriting = true
            defer { state.lineCount = 0 }
            return .lines(state.lineCount)
        } ?? .nothing
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Whoever shares the terminal or pipe has made it non-blocking.
                var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wanted, 1, -1)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
