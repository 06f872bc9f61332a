/// An amount as configurations write it: a decimal integer and a unit, `30s`, `1MiB`.
struct Quantity {
    struct Unit {
        let name: String
        let factor: Int
    }

    /// From the smallest unit, whose factor is 1, to the largest.
    let units: [Unit]
    /// The unit that messages propose.
    let usual: String

    static let time = Quantity(
        units: [
            Unit(name: "ms", factor: 1), Unit(name: "s", factor: 1000), Unit(name: "m", factor: 60_000),
            Unit(name: "h", factor: 3_600_000), Unit(name: "d", factor: 86_400_000),
        ],
        usual: "s"
    )

    static let size = Quantity(
        units: [
            Unit(name: "B", factor: 1), Unit(name: "KiB", factor: 1 << 10), Unit(name: "MiB", factor: 1 << 20),
            Unit(name: "GiB", factor: 1 << 30), Unit(name: "TiB", factor: 1 << 40),
        ],
        usual: "MiB"
    )

    /// Reads an amount in the smallest unit.
    func parse(_ text: String) throws(InvalidValue) -> Int {
        let digits = text.prefix { "0123456789".contains($0) }
        let unitName = text.dropFirst(digits.count)
        guard !digits.isEmpty else { throw InvalidValue("is no amount; write \"30\(usual)\"") }
        guard let count = Int(digits) else { throw InvalidValue("is too large") }
        guard !unitName.isEmpty else { throw InvalidValue("has no unit; write \"\(count)\(usual)\"") }
        guard let unit = units.first(where: { $0.name == unitName }) else {
            let names = units.map(\.name).joined(separator: ", ")
            throw InvalidValue("has no unit of \(names); write \"\(count)\(likelyUnit(unitName))\"")
        }
        let (amount, overflows) = count.multipliedReportingOverflow(by: unit.factor)
        guard !overflows else { throw InvalidValue("is too large") }
        return amount
    }

    /// The amount in the largest unit that needs no fraction.
    func text(_ amount: Int) -> String {
        let unit = units.last { amount != 0 && amount.isMultiple(of: $0.factor) }
        return "\(amount / (unit?.factor ?? 1))\(unit?.name ?? (usual == "s" ? "s" : "B"))"
    }

    /// The unit that somebody who wrote `min`, `MB` or `k` has in mind.
    private func likelyUnit(_ written: some StringProtocol) -> String {
        let first = written.lowercased().first
        return units.last { $0.name.lowercased().first == first }?.name ?? usual
    }
}

extension Duration {
    /// Reads `500ms`, `30s`, `5m`, `1h`, `2d`.
    package init(parsing text: String) throws(InvalidValue) {
        self = .milliseconds(try Quantity.time.parse(text))
    }

    /// As a configuration writes it, in whole milliseconds at the finest.
    package var configText: String {
        let (seconds, attoseconds) = components
        return Quantity.time.text(Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
