import FPWConfig
import FPWMetrics
import FPWService

/// What the daemon's admin listener answers.
struct AdminRoutes: Sendable {
    let supervisor: Supervisor
    let metrics: DaemonMetrics

    var table: [String: AdminRoute] {
        [
            "/metrics": { _ in
                AdminResponse(
                    contentType: PrometheusText.contentType,
                    body: .bytes(Array(PrometheusText.write(metrics.registry.snapshot()).utf8)))
            },
            "/healthz": { _ in .text("ok") },
            "/status": StatusRoute(supervisor: supervisor, metrics: metrics).answer,
            "/readyz": { request in
                let readiness = Readiness(supervisor.current.map { ($0.config.name, $0.linkPhase) })
                if request.wantsText { return .text(readiness.text, status: readiness.isReady ? 200 : 503) }
                return AdminResponse(
                    status: readiness.isReady ? 200 : 503, contentType: "application/json",
                    body: .bytes(Array(readiness.json.utf8)))
            },
        ]
    }
}

/// Whether visitors can be served: every tunnel's link is up and has an open slot.
struct Readiness: Equatable {
    struct Entry: Equatable {
        let name: String
        let link: LinkPhase

        var isReady: Bool { link.isUp && link.openSlots > 0 && !link.isStopping }
    }

    let tunnels: [Entry]

    init(_ tunnels: [(name: String, link: LinkPhase)]) {
        self.tunnels = tunnels.map { Entry(name: $0.name, link: $0.link) }
    }

    var isReady: Bool { tunnels.allSatisfy(\.isReady) }

    var json: String {
        let entries = tunnels.map { entry in
            let missing = entry.isReady ? "null" : JSONText.string(entry.missing)
            return """
                {"tunnel":\(JSONText.string(entry.name)),"ready":\(entry.isReady),"link":"\(entry.link.isUp ? "up" : "down")",\
                "open_slots":\(entry.link.openSlots),"missing":\(missing)}
                """
        }
        return #"{"ready":\#(isReady),"tunnels":[\#(entries.joined(separator: ","))]}"# + "\n"
    }
}

extension Readiness.Entry {
    var missing: String {
        if link.isStopping { return "the daemon is stopping" }
        return link.trouble ?? (link.isUp ? "no slot is open" : "the relay has not answered yet")
    }
}

/// Text as JSON writes it (RFC 8259 §7).
enum JSONText {
    static func string(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20:
                quoted += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
