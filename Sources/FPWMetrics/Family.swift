/// A metric with labels, one instrument per combination of their values.
///
/// `series` takes a lock: users resolve what they need once, per tunnel or per host, and keep it. Series that are removed
/// vanish from the exposition; who still holds one may go on writing to it.
package final class Family<Metric: Instrument>: Sendable {
    private let declaration: Declaration
    private let make: @Sendable () -> Metric
    private let members = Locked<[[String]: Metric]>([:])

    init(_ declaration: Declaration, make: @escaping @Sendable () -> Metric) {
        self.declaration = declaration
        self.make = make
    }

    /// The instrument with these label values, in the order of the label names; made where there is none yet.
    package func series(_ labelValues: String...) -> Metric { series(labelValues) }

    /// One instrument per case of a closed set: the last label's values, after `leading` ones.
    package func byCase<Label: MetricLabel>(_ leading: String..., of label: Label.Type) -> ByCase<Label, Metric> {
        ByCase { self.series(leading + [$0.rawValue]) }
    }

    /// Removes every series whose label of this name has this value.
    package func removeSeries(where labelName: String, is value: String) {
        guard let position = declaration.labelNames.firstIndex(of: labelName) else { return }
        members.withLock { members in
            members = members.filter { $0.key[position] != value }
        }
    }

    private func series(_ labelValues: [String]) -> Metric {
        precondition(labelValues.count == declaration.labelNames.count, "\(declaration.name): one value per label")
        return members.withLock { members in
            if let known = members[labelValues] { return known }
            let new = make()
            members[labelValues] = new
            return new
        }
    }

    /// The family at this moment, ordered by label values.
    package var snapshot: FamilySnapshot {
        let members = members.withLock { $0 }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return FamilySnapshot(
            declaration: declaration,
            series: members.map { FamilySnapshot.Series(labelValues: $0.key, value: $0.value.reading) }
        )
    }
}

/// A label whose values are a small closed set.
package protocol MetricLabel: CaseIterable, RawRepresentable<String>, Equatable, Sendable {}

/// One instrument for each case of a label, resolved once and read without a lock.
package struct ByCase<Label: MetricLabel, Metric: Instrument>: Sendable {
    private let members: [Metric]

    init(_ resolve: (Label) -> Metric) {
        let numbers = Label.allCases.map(Self.number)
        precondition(numbers.elementsEqual(0..<numbers.count), "a label is an enum without payloads")
        members = Label.allCases.map(resolve)
    }

    package subscript(label: Label) -> Metric { members[Self.number(label)] }

    /// Such an enum is stored as its case's number. To compare with each case instead is dear: in another module than the
    /// label's nothing is specialised.
    private static func number(_ label: Label) -> Int {
        withUnsafeBytes(of: label) { $0.isEmpty ? 0 : Int($0[0]) }
    }
}
