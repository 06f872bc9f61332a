/// What `systemctl status fpwd` shows: tunnels, slots, and what is wrong.
struct StatusText: Equatable, CustomStringConvertible {
    let tunnels: [Readiness.Entry]
    let notice: String?

    init(_ readiness: Readiness) {
        tunnels = readiness.tunnels
        notice = readiness.notice
    }

    var description: String {
        guard !tunnels.isEmpty else { return notice ?? Readiness.noTunnel(file: nil) }
        let up = tunnels.count(where: \.link.isUp)
        let slots = tunnels.reduce(0) { $0 + $1.link.openSlots }
        let counts = "\(up) of \(tunnels.count) tunnels up, \(slots) slots"
        return ([counts] + troubles + [notice].compactMap(\.self)).joined(separator: "; ")
    }

    /// The first one in full; a line has no room for more.
    private var troubles: [String] {
        let lacking = tunnels.compactMap { tunnel in tunnel.missing.map { "\(tunnel.name): \($0)" } }
        return lacking.prefix(1) + (lacking.count > 1 ? ["and \(lacking.count - 1) more"] : [])
    }
}
