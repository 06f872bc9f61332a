/// Whether visitors can be served: every tunnel's link is up and has an open slot.
struct Readiness: Equatable {
    struct Entry: Equatable {
        let name: String
        let link: LinkPhase

        var isReady: Bool { link.isUp && link.openSlots > 0 && !link.isStopping }

        /// What keeps it from being ready; nil where it is.
        var missing: String? {
            if isReady { return nil }
            if link.isStopping { return "the daemon is stopping" }
            if let trouble = link.trouble { return trouble }
            guard link.isUp else { return "the relay has not answered yet" }
            return link.upstream.cause.map { "no slot is open: the upstream is down: \($0)" } ?? "no slot is open"
        }
    }

    let tunnels: [Entry]
    /// What the operator should know although it keeps nobody from being served; nil: nothing.
    let notice: String?

    init(_ tunnels: [(name: String, link: LinkPhase)], notice: String? = nil) {
        self.tunnels = tunnels.map { Entry(name: $0.name, link: $0.link) }
        self.notice = notice
    }

    /// A file without a tunnel is valid, and the daemon is as ready as it can be.
    static func noTunnel(file: String?) -> String {
        "no tunnel configured" + (file.map { ", edit \($0)" } ?? "")
    }

    var isReady: Bool { tunnels.allSatisfy(\.isReady) }

    /// For people: a line for each tunnel that is not ready, with what it lacks, and the notice.
    var text: String {
        let lacking = tunnels.compactMap { tunnel in tunnel.missing.map { "\(tunnel.name): \($0)" } }
        return ((isReady ? ["ready"] : lacking) + [notice].compactMap(\.self)).joined(separator: "\n")
    }
}

extension Readiness: Encodable {
    private enum Key: String, CodingKey {
        case ready, notice, tunnels
    }

    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(isReady, forKey: .ready)
        try object.encode(notice, forKey: .notice)
        try object.encode(tunnels, forKey: .tunnels)
    }
}

extension Readiness.Entry: Encodable {
    private enum Key: String, CodingKey {
        case tunnel, ready, link, missing, upstream
        case openSlots = "open_slots"
    }

    /// `missing` is null where nothing is.
    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(name, forKey: .tunnel)
        try object.encode(isReady, forKey: .ready)
        try object.encode(link.word, forKey: .link)
        try object.encode(link.openSlots, forKey: .openSlots)
        try object.encode(missing, forKey: .missing)
        try object.encode(link.upstream.condition.rawValue, forKey: .upstream)
    }
}
