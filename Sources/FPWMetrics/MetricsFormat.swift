/// The two exposition formats that a scraper may ask for.
package enum MetricsFormat: Sendable, Equatable {
    /// Prometheus's text, version 0.0.4.
    case prometheus
    /// OpenMetrics 1.0.
    case openMetrics

    /// The format that a client prefers (RFC 9110 §12.5.1): Prometheus's, unless OpenMetrics 1.0 is named and not worth less.
    ///
    /// - Parameter accept: the request's field of that name.
    package init(accept: String?) {
        let ranges = (accept ?? "").split(separator: ",").map(MediaRange.init)
        let openMetrics = ranges.filter { $0.names("application/openmetrics-text", version: "1.0.0") }.map(\.weight)
        let anyText = ["text/plain", "text/*", "*/*"].lazy.map { type in
            ranges.filter { $0.names(type, version: "0.0.4") }.map(\.weight).max()
        }
        let text = anyText.compactMap(\.self).first ?? 0
        let best = openMetrics.max() ?? 0
        self = best > 0 && best >= text ? .openMetrics : .prometheus
    }

    package var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// All families in this format.
    package func text(of families: [FamilySnapshot]) -> String {
        var text = MetricsText(format: self)
        for family in families { text.write(family) }
        return text.finished
    }
}

/// One element of an `Accept` field.
private struct MediaRange {
    private let type: String
    private let parameters: [String: String]

    init(_ text: Substring) {
        let parts = text.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" && $0 != "\"" } }
        type = parts.first ?? ""
        let pairs = parts.dropFirst().map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        parameters = Dictionary(pairs.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { first, _ in first }
    }

    /// 0…1; a weight that is no number is 0.
    var weight: Double { parameters["q"].map { Double($0) ?? 0 } ?? 1 }

    /// A range without a version takes any.
    func names(_ type: String, version: String) -> Bool {
        self.type == type && (parameters["version"] ?? version) == version
    }
}
