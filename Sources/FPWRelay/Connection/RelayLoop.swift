import NIOCore

/// One event loop and the connections on it.
///
/// All but `run` and `index` belongs to the loop's thread.
final class RelayLoop: @unchecked Sendable {
    let index: Int
    let eventLoop: any EventLoop
    private var connections: [ObjectIdentifier: Connection] = [:]

    init(index: Int, eventLoop: any EventLoop) {
        self.index = index
        self.eventLoop = eventLoop
    }

    /// Runs `body` on the loop: at once where this is the loop, else as its next task, in the order of the calls.
    func run(_ body: @escaping @Sendable () -> Void) {
        if eventLoop.inEventLoop { body() } else { eventLoop.execute(body) }
    }

    func add(_ connection: Connection) { connections[ObjectIdentifier(connection)] = connection }

    func remove(_ connection: Connection) { connections[ObjectIdentifier(connection)] = nil }

    /// Lets every connection look at the time.
    func tick(at now: NIODeadline) {
        for connection in connections.values { connection.tick(at: now) }
    }

    /// Whether no visitor waits for anything more.
    var isQuiet: Bool { connections.values.allSatisfy { !$0.isBusy } }

    func closeAll() {
        for connection in connections.values { connection.close() }
    }
}

/// What a listener is for.
enum ListenerRole: Sendable {
    case visitorsAndSlots
    case slotsOnly
}
