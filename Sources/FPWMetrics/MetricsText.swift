/// The text of an exposition, family by family.
///
/// Prometheus: "Exposition formats", text format 0.0.4. OpenMetrics: version 1.0.0, "Text format".
struct MetricsText {
    let format: MetricsFormat
    private var text = ""

    init(format: MetricsFormat) { self.format = format }

    /// The whole text; OpenMetrics wants to see that it is whole.
    var finished: String {
        switch format {
        case .prometheus: text
        case .openMetrics: text + "# EOF\n"
        }
    }

    mutating func write(_ family: FamilySnapshot) {
        let declaration = family.declaration
        writeHead(declaration)
        for series in family.series {
            let labels = Array(zip(declaration.labelNames, series.labelValues))
            switch series.value {
            case .number(let value): writeSample(declaration.name, labels, value)
            case .histogram(let histogram): write(histogram, declaration.name, labels)
            }
        }
    }

    private mutating func writeHead(_ declaration: Declaration) {
        let name = familyName(declaration)
        text += "# HELP \(name) \(escapedHelp(declaration.help))\n"
        text += "# TYPE \(name) \(declaration.kind.rawValue)\n"
        if format == .openMetrics, let unit = Self.units.first(where: { name.hasSuffix("_\($0)") }) {
            text += "# UNIT \(name) \(unit)\n"
        }
    }

    /// OpenMetrics calls a counter's family by its name without the samples' suffix.
    private func familyName(_ declaration: Declaration) -> String {
        guard format == .openMetrics, declaration.kind == .counter else { return declaration.name }
        return String(declaration.name.dropLast("_total".count))
    }

    private static let units = ["seconds", "bytes"]

    private mutating func write(_ histogram: HistogramSnapshot, _ name: String, _ labels: [(String, String)]) {
        for bucket in histogram.buckets {
            writeSample(name + "_bucket", labels + [("le", bound(bucket.upperBound))], Double(bucket.count))
        }
        writeSample(name + "_sum", labels, histogram.sum)
        writeSample(name + "_count", labels, Double(histogram.count))
    }

    private mutating func writeSample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0)=\"\(escaped($1, "\\\n\""))\"" }.joined(separator: ",") + "}"
        }
        text += " \(number(value))\n"
    }

    /// OpenMetrics wants bounds to look like floating point numbers, so that they are the same everywhere.
    private func bound(_ value: Double) -> String {
        format == .openMetrics && value.isFinite ? "\(value)" : number(value)
    }

    private func number(_ value: Double) -> String {
        if let integer = Int64(exactly: value) { return "\(integer)" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value.isNaN ? "NaN" : "\(value)"
    }

    private func escapedHelp(_ text: String) -> String {
        escaped(text, format == .openMetrics ? "\\\n\"" : "\\\n")
    }

    private func escaped(_ text: String, _ special: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if special.unicodeScalars.contains(scalar) { result += "\\" }
            result.unicodeScalars.append(scalar == "\n" ? "n" : scalar)
        }
        return result
    }
}
