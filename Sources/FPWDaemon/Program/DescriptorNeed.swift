import FPWConfig

/// How many descriptors a configuration may come to need, against how many the process may open.
struct DescriptorNeed: Equatable {
    /// A slot's connections: to the relay two, where its reply leaves while its visit's body still arrives, and to the
    /// upstream one.
    static let perSlot = 3
    /// For listeners, event loops, log and spool files, health checks and calls to drain.
    static let spare = 64

    let slots: Int

    init(_ config: DaemonConfig) { slots = config.tunnels.reduce(0) { $0 + $1.maxWorkers } }

    var descriptors: Int { slots * Self.perSlot + Self.spare }

    /// What to tell the operator; nil: the limit suffices.
    func warning(limit: Int) -> String? {
        guard descriptors > limit else { return nil }
        return """
            max_workers of all tunnels together (\(slots)) may need \(descriptors) file descriptors, and the limit is \(limit); \
            raise it (LimitNOFILE=, ulimit -n) or lower max_workers
            """
    }
}
