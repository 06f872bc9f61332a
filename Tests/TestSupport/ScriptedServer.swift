import Glibc
import Synchronization

/// A server on loopback that runs a script on a thread for each connection.
package final class ScriptedServer: Sendable {
    package typealias Script = @Sendable (Peer) -> Void

    /// `http://127.0.0.1:<port>`
    package let url: String
    private let listener: Int32
    private let state = Mutex(State())

    private struct State {
        var heads: [RequestHead] = []
        var connections = 0
        var open: Set<Int32> = []
        var threads: [pthread_t] = []
        var isStopping = false
    }

    /// - Parameter unixPath: listens on this path instead of a TCP port.
    package init(unixPath: String? = nil, _ script: @escaping Script) {
        let address = unixPath.map(SocketAddress.unix) ?? .loopback(port: 0)
        let listener = socket(address.family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        address.with { _ = bind(listener, $0, $1) }
        listen(listener, 128)
        self.listener = listener
        url = unixPath == nil ? "http://127.0.0.1:\(SocketAddress.port(of: listener))" : "http://localhost"
        let thread = startThread { self.acceptAll(script) }
        state.withLock { $0.threads.append(thread) }
    }

    /// The heads of all requests that came, in order.
    package var requests: [RequestHead] { state.withLock { $0.heads } }
    /// Whether a connection is open.
    package var isServing: Bool { state.withLock { !$0.open.isEmpty } }
    package var connections: Int { state.withLock { $0.connections } }

    /// Ends all connections and waits for the scripts; once is enough.
    package func stop() {
        let (open, hadStopped) = state.withLock { state in
            defer { state.isStopping = true }
            return (state.open, state.isStopping)
        }
        if hadStopped { return }
        shutdown(listener, Int32(SHUT_RDWR))
        for descriptor in open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        while let thread = state.withLock({ $0.threads.popLast() }) { pthread_join(thread, nil) }
        close(listener)
    }

    private func acceptAll(_ script: @escaping Script) {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            let number = state.withLock { state -> Int in
                state.connections += 1
                state.open.insert(descriptor)
                if state.isStopping { shutdown(descriptor, Int32(SHUT_RDWR)) }
                return state.connections
            }
            let thread = startThread { self.serve(descriptor, number, script) }
            state.withLock { $0.threads.append(thread) }
        }
    }

    private func serve(_ descriptor: Int32, _ number: Int, _ script: Script) {
        script(Peer(descriptor, number: number) { head in self.state.withLock { $0.heads.append(head) } })
        state.withLock { state in
            state.open.remove(descriptor)
            close(descriptor)
        }
    }
}
