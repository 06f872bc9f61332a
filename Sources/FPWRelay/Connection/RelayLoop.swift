import NIOCore

/// One event loop and the connections on it.
///
/// All but `run` and `index` belongs to the loop's thread.
final class RelayLoop: @unchecked Sendable {
    let index: Int
    let eventLoop: any EventLoop
    /// When the loop turned to the event that it is at: read once for all that the event brings about, which is a dozen
    /// times at each visit.
    private(set) var now = NIODeadline.now()
    /// For the ids of the visits that begin here.
    var random = RandomPool()
    private var connections: [ObjectIdentifier: Connection] = [:]

    init(index: Int, eventLoop: any EventLoop) {
        self.index = index
        self.eventLoop = eventLoop
    }

    /// Runs `body` on the loop: at once where this is the loop, else as its next task, in the order of the calls.
    ///
    /// Inlined, so that what runs at once needs no closure on the heap.
    @inline(__always)
    func run(_ body: @escaping @Sendable () -> Void) {
        if eventLoop.inEventLoop { body() } else { execute(body) }
    }

    private func execute(_ body: @escaping @Sendable () -> Void) {
        eventLoop.execute {
            self.readClock()
            body()
        }
    }

    /// To be called when the loop turns to another event.
    func readClock() { now = .now() }

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
