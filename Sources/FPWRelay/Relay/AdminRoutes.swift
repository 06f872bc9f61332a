import FPWMetrics
import FPWService

/// What fpw-relay's admin listener answers.
struct AdminRoutes {
    let relay: Relay

    var table: [String: AdminRoute] {
        let relay = relay
        return [
            "/metrics": { _ in
                let text = PrometheusText.write(relay.metrics.registry.snapshot())
                return AdminResponse(contentType: PrometheusText.contentType, body: .bytes(Array(text.utf8)))
            },
            "/healthz": { _ in .text("ok") },
            "/readyz": { _ in
                relay.isGoingDown ? .text("going down", status: 503) : .text("ready")
            },
            "/status": { _ in .text(StatusTable(relay.hosts.all).text) },
        ]
    }
}

/// The hosts and their slots as a table for people.
struct StatusTable {
    private let rows: [[String]]

    init(_ hosts: [Host]) {
        rows = hosts.sorted { $0.name < $1.name }.map { host in
            let status = host.status
            return [host.name, "\(status.parked)", "\(status.busy)", "\(status.waiting)"]
        }
    }

    var text: String {
        let lines = [["HOST", "PARKED", "BUSY", "WAITING"]] + rows
        let widths = lines[0].indices.map { column in lines.map(\.[column].count).max() ?? 0 }
        return lines.map { line in
            zip(line, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            .joined(separator: "  ").trimmingTrailingSpaces
        }
        .joined(separator: "\n")
    }
}

extension String {
    fileprivate var trimmingTrailingSpaces: Substring {
        var rest = self[...]
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
