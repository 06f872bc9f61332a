/// The Prometheus text exposition format, version 0.0.4.
package enum PrometheusText {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package static func write(_ families: [FamilySnapshot]) -> String {
        var text = ""
        for family in families { write(family, to: &text) }
        return text
    }

    private static func write(_ family: FamilySnapshot, to text: inout String) {
        let declaration = family.declaration
        text += "# HELP \(declaration.name) \(escapedHelp(declaration.help))\n"
        text += "# TYPE \(declaration.name) \(declaration.kind.rawValue)\n"
        for series in family.series {
            let labels = Array(zip(declaration.labelNames, series.labelValues))
            switch series.value {
            case .number(let value): writeSample(declaration.name, labels, value, to: &text)
            case .histogram(let histogram): write(histogram, declaration.name, labels, to: &text)
            }
        }
    }

    private static func write(
        _ histogram: HistogramSnapshot, _ name: String, _ labels: [(String, String)], to text: inout String
    ) {
        for bucket in histogram.buckets {
            let bound = ("le", number(bucket.upperBound))
            writeSample(name + "_bucket", labels + [bound], Double(bucket.count), to: &text)
        }
        writeSample(name + "_sum", labels, histogram.sum, to: &text)
        writeSample(name + "_count", labels, Double(histogram.count), to: &text)
    }

    private static func writeSample(
        _ name: String, _ labels: [(String, String)], _ value: Double, to text: inout String
    ) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0)=\"\(escapedLabel($1))\"" }.joined(separator: ",") + "}"
        }
        text += " \(number(value))\n"
    }

    private static func number(_ value: Double) -> String {
        if let integer = Int64(exactly: value) { return "\(integer)" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value.isNaN ? "NaN" : "\(value)"
    }

    private static func escapedHelp(_ text: String) -> String {
        escaped(text, "\\\n")
    }

    private static func escapedLabel(_ text: String) -> String {
        escaped(text, "\\\n\"")
    }

    private static func escaped(_ text: String, _ special: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if special.unicodeScalars.contains(scalar) { result += "\\" }
            result.unicodeScalars.append(scalar == "\n" ? "n" : scalar)
        }
        return result
    }
}
