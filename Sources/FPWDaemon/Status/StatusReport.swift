import FPWConfig
import FPWMetrics
import FPWService

/// What a running daemon says of itself.
struct StatusReport: Equatable {
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

    var json: String {
        #"{"version":\#(JSONText.string(version)),"tunnels":[\#(tunnels.map(\.json).joined(separator: ","))]}"# + "\n"
    }

    /// A table for people; what is wrong with a tunnel stands below its line.
    var table: String {
        guard !tunnels.isEmpty else { return "no tunnel is configured\n" }
        let head = ["TUNNEL", "URL", "UPSTREAM", "LINK", "SLOTS", "VISITS"]
        let rows = [head] + tunnels.map(\.cells)
        let widths = head.indices.map { column in rows.map(\.[column].count).max() ?? 0 }
        let lines = rows.map { row in
            zip(row, widths.dropLast() + [0]).map { $0.padded(to: $1) }.joined(separator: "  ")
        }
        let troubles = [nil] + tunnels.map(\.link.trouble)
        return zip(lines, troubles).map { line, trouble in
            line + "\n" + (trouble.map { "  \($0)\n" } ?? "")
        }
        .joined()
    }
}

extension StatusReport.Tunnel {
    fileprivate var json: String {
        let states = SlotState.allCases.map { "\"\($0.rawValue)\":\(slots[$0] ?? 0)" }.joined(separator: ",")
        return """
            {"name":\(JSONText.string(name)),"url":\(JSONText.string(url)),"upstream":\(JSONText.string(upstream)),\
            "relay":\(JSONText.string(relay)),"link":"\(link.isUp ? "up" : "down")",\
            "trouble":\(link.trouble.map(JSONText.string) ?? "null"),"slots":{\(states)},"slots_max":\(maxSlots),\
            "visits":\(visits)}
            """
    }

    fileprivate var cells: [String] {
        let present = SlotState.allCases.compactMap { state in
            slots[state].flatMap { $0 > 0 ? "\($0) \(state.rawValue)" : nil }
        }
        return [
            name, url, upstream, link.isUp ? "up" : "down", present.isEmpty ? "none" : present.joined(separator: ", "),
            "\(visits)",
        ]
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
