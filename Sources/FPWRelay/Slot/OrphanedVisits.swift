/// Visits whose connection went on to serve another slot and was then closed, by the address of their worker.
///
/// A worker shares its connections between its slots, so that the end of one says little of the visits that it carried
/// before. The worker lives as long as any connection of its address does; with the last one those visits are lost.
struct OrphanedVisits<Post: AnyObject> {
    private struct Worker {
        var connections = 0
        var orphans: [Post] = []
    }

    private var workers: [String: Worker] = [:]

    mutating func connectionOpened(of address: String) {
        workers[address, default: Worker()].connections += 1
    }

    /// Returns the visits that are lost now.
    mutating func connectionClosed(of address: String, leaving posts: [Post]) -> [Post] {
        guard var worker = workers.removeValue(forKey: address) else { return posts }
        worker.connections -= 1
        worker.orphans += posts
        guard worker.connections > 0 else { return worker.orphans }
        workers[address] = worker
        return []
    }

    /// The visit is answered.
    mutating func forget(_ post: Post, of address: String) {
        workers[address]?.orphans.removeAll { $0 === post }
    }
}
