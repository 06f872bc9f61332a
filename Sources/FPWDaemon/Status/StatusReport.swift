import FPWService

/// What a running daemon says of itself.
struct StatusReport: Equatable, Encodable {
    struct Tunnel: Equatable {
        let name: String
        let url: String
        let upstream: String
        let relay: String
        let link: LinkPhase
        let slots: [SlotState: Int]
        let maxSlots: Int
        let visits: Int
    }

    let version: String
    let tunnels: [Tunnel]

    /// A table for people; what is wrong with a tunnel stands below its line.
    var table: String {
        guard !tunnels.isEmpty else { return "no tunnel is configured" }
        let lines = TextTable.lines([["TUNNEL", "URL", "UPSTREAM", "LINK", "SLOTS", "VISITS"]] + tunnels.map(\.cells))
        let troubles = [nil] + tunnels.map(\.trouble)
        return zip(lines, troubles).map { line, trouble in line + (trouble.map { "\n  \($0)" } ?? "") }
            .joined(separator: "\n")
    }
}

extension StatusReport.Tunnel: Encodable {
    private enum Key: String, CodingKey {
        case name, url, upstream, relay, link, trouble, slots, visits
        case maxSlots = "slots_max"
        case upstreamState = "upstream_state"
    }

    /// Every slot state has its number, and `trouble` is null where there is none.
    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(name, forKey: .name)
        try object.encode(url, forKey: .url)
        try object.encode(upstream, forKey: .upstream)
        try object.encode(relay, forKey: .relay)
        try object.encode(link.word, forKey: .link)
        try object.encode(trouble, forKey: .trouble)
        try object.encode(link.upstream.condition.rawValue, forKey: .upstreamState)
        let states = SlotState.allCases.map { ($0.rawValue, slots[$0] ?? 0) }
        try object.encode(Dictionary(uniqueKeysWithValues: states), forKey: .slots)
        try object.encode(maxSlots, forKey: .maxSlots)
        try object.encode(visits, forKey: .visits)
    }

    /// What is wrong with the link, else with the upstream.
    fileprivate var trouble: String? {
        link.trouble ?? link.upstream.cause.map { "the upstream is down: \($0)" }
    }

    fileprivate var cells: [String] {
        let present = SlotState.allCases.compactMap { state in
            slots[state].flatMap { $0 > 0 ? "\($0) \(state.rawValue)" : nil }
        }
        return [
            name, url, upstream, link.word, present.isEmpty ? "none" : present.joined(separator: ", "), "\(visits)",
        ]
    }
}

extension LinkPhase {
    var word: String { isUp ? "up" : "down" }
}
