import Testing

@testable import FPWMetrics

@Suite("A family")
struct FamilyTests {
    private enum Outcome: String, MetricLabel { case served, refused, lost }

    private let registry = MetricRegistry()

    private func values(_ family: Family<Counter>) -> [[String]: MetricValue] {
        Dictionary(uniqueKeysWithValues: family.snapshot.series.map { ($0.labelValues, $0.value) })
    }

    @Test("has one instrument per combination of label values")
    func sharesInstruments() {
        let family = registry.counters("a_total", "A.", labels: ["tunnel", "code"])
        family.series("x", "1").add()
        family.series("x", "1").add()
        family.series("x", "2").add()
        family.series("1", "x").add()
        #expect(values(family) == [["x", "1"]: .number(2), ["x", "2"]: .number(1), ["1", "x"]: .number(1)])
    }

    @Test("resolves a closed set of labels at once, each at zero")
    func resolvesCases() {
        let family = registry.counters("a_total", "A.", labels: ["tunnel", "outcome"])
        let blog = family.byCase("blog", of: Outcome.self)
        blog[.lost].add(3)
        blog[.served].add()
        #expect(
            values(family) == [
                ["blog", "served"]: .number(1), ["blog", "refused"]: .number(0), ["blog", "lost"]: .number(3),
            ])
    }

    @Test("forgets the series of a tunnel that is gone, and starts anew where it comes back")
    func removesSeries() {
        let family = registry.counters("a_total", "A.", labels: ["tunnel", "code"])
        let gone = family.series("blog", "1")
        gone.add()
        family.series("blog", "2").add()
        family.series("shop", "blog").add()
        family.removeSeries(where: "tunnel", is: "blog")
        gone.add()
        #expect(values(family) == [["shop", "blog"]: .number(1)])
        family.removeSeries(where: "nothing", is: "shop")
        family.series("blog", "1").add(5)
        #expect(values(family) == [["shop", "blog"]: .number(1), ["blog", "1"]: .number(5)])
    }

    @Test("loses a tunnel together with all other families")
    func removesEverywhere() {
        let counters = registry.counters("a_total", "A.", labels: ["tunnel"])
        let gauges = registry.gauges("b", "B.", labels: ["state", "tunnel"])
        let others = registry.gauges("c", "C.", labels: ["state"])
        for name in ["blog", "shop"] {
            counters.series(name).add()
            gauges.series("idle", name).set(1)
            others.series(name).set(1)
        }
        registry.removeSeries(where: "tunnel", is: "blog")
        let labels = registry.snapshot().map { $0.series.map(\.labelValues) }
        #expect(labels == [[["shop"]], [["idle", "shop"]], [["blog"], ["shop"]]])
    }

    @Test("counts what many threads add, and makes each series once")
    func isThreadSafe() async {
        let family = registry.counters("a_total", "A.", labels: ["tunnel"])
        let histogram = registry.histogram("b_seconds", "B.", bounds: [1])
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for index in 0..<2_000 {
                        family.series("\(index % 3)").add()
                        histogram.observe(0.5)
                    }
                }
            }
        }
        #expect(values(family).values.reduce(0) { $0 + $1.number } == 16_000)
        #expect(
            histogram.snapshot
                == HistogramSnapshot(
                    buckets: [.init(upperBound: 1, count: 16_000), .init(upperBound: .infinity, count: 16_000)],
                    sum: 8_000))
    }

    @Test("ignores what would make a counter smaller")
    func neverShrinks() {
        let counter = Counter()
        counter.add(2)
        counter.add(-1)
        #expect(counter.value == 2)
    }

    @Test(
        "is declared with names that the exposition formats allow",
        arguments: [("a_total", MetricKind.counter, "x"), ("a:b_1", .gauge, "tunnel"), ("_a", .histogram, "_1")]
    )
    func acceptsNames(name: String, kind: MetricKind, label: String) {
        #expect(Declaration(name: name, help: "A.", kind: kind, labelNames: [label]).isSound)
    }

    @Test(
        "is not declared with others",
        arguments: [
            ("", MetricKind.gauge, []), ("1a", .gauge, []), ("a-b", .gauge, []), ("é", .gauge, []), ("a", .counter, []),
            ("a_total", .gauge, []), ("a", .gauge, ["b-c"]), ("a", .gauge, ["b:c"]), ("a", .gauge, ["b", "b"]),
            ("a", .histogram, ["le"]), ("a", .gauge, ["__b"]),
        ] as [(String, MetricKind, [String])]
    )
    func refusesNames(name: String, kind: MetricKind, labels: [String]) {
        #expect(!Declaration(name: name, help: "A.", kind: kind, labelNames: labels).isSound)
    }
}

extension MetricValue {
    fileprivate var number: Double {
        if case .number(let number) = self { number } else { .nan }
    }
}
