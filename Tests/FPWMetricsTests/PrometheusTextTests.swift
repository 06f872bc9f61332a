import Testing

@testable import FPWMetrics

@Suite("The Prometheus text")
struct PrometheusTextTests {
    private let registry = MetricRegistry()

    private var text: String { PrometheusText.write(registry.snapshot()) }

    @Test("of an empty registry is empty")
    func writesNothing() {
        #expect(text == "")
    }

    @Test("holds every kind of metric in the order of declaration")
    func writesEveryKind() {
        let visits = registry.counters(
            "fpwd_visits_total", "Visits, by tunnel and outcome.", labels: ["tunnel", "outcome"])
        let open = registry.gauge("fpwd_slots", "Open slots.")
        let duration = registry.histogram("fpwd_visit_seconds", "How long visits take.", bounds: [0.25, 1, 10])
        registry.observed("fpwd_build_info", "The version.", labels: ["version"]) {
            [FamilySnapshot.Series(labelValues: ["0.1.0"], value: .number(1))]
        }
        visits.series("shop", "served").add(2)
        visits.series("blog", "served").add(40)
        visits.series("blog", "lost").add()
        open.set(5)
        open.add(-7)
        for seconds in [0.25, 0.5, 0.5, 1.0, 60] { duration.observe(seconds) }
        duration.observe(.milliseconds(125))
        #expect(
            text == """
                # HELP fpwd_visits_total Visits, by tunnel and outcome.
                # TYPE fpwd_visits_total counter
                fpwd_visits_total{tunnel="blog",outcome="lost"} 1
                fpwd_visits_total{tunnel="blog",outcome="served"} 40
                fpwd_visits_total{tunnel="shop",outcome="served"} 2
                # HELP fpwd_slots Open slots.
                # TYPE fpwd_slots gauge
                fpwd_slots -2
                # HELP fpwd_visit_seconds How long visits take.
                # TYPE fpwd_visit_seconds histogram
                fpwd_visit_seconds_bucket{le="0.25"} 2
                fpwd_visit_seconds_bucket{le="1"} 5
                fpwd_visit_seconds_bucket{le="10"} 5
                fpwd_visit_seconds_bucket{le="+Inf"} 6
                fpwd_visit_seconds_sum 62.375
                fpwd_visit_seconds_count 6
                # HELP fpwd_build_info The version.
                # TYPE fpwd_build_info gauge
                fpwd_build_info{version="0.1.0"} 1

                """)
    }

    @Test("labels the buckets of a histogram with its own labels first")
    func labelsBuckets() {
        let family = registry.histograms("x_seconds", "X.", labels: ["tunnel"], bounds: [1])
        family.series("a").observe(.seconds(2))
        #expect(
            text == """
                # HELP x_seconds X.
                # TYPE x_seconds histogram
                x_seconds_bucket{tunnel="a",le="1"} 0
                x_seconds_bucket{tunnel="a",le="+Inf"} 1
                x_seconds_sum{tunnel="a"} 2
                x_seconds_count{tunnel="a"} 1

                """)
    }

    @Test("shows a counter without labels from the start, and a family without series by its head")
    func showsZeros() {
        _ = registry.counter("a_total", "A.")
        _ = registry.gauges("b", "B.", labels: ["tunnel"])
        #expect(text == "# HELP a_total A.\n# TYPE a_total counter\na_total 0\n# HELP b B.\n# TYPE b gauge\n")
    }

    @Test("escapes backslashes and line ends, and quotes in labels")
    func escapes() {
        registry.gauges("a", "Back\\slash, \"quote\"\nand line.", labels: ["name"]).series("q\"b\\n\nx").set(1)
        #expect(
            text == #"""
                # HELP a Back\\slash, "quote"\nand line.
                # TYPE a gauge
                a{name="q\"b\\n\nx"} 1

                """#)
    }

    @Test(
        "writes numbers as Prometheus reads them",
        arguments: [
            (0, "0"), (1.5, "1.5"), (-2, "-2"), (1e15, "1000000000000000"), (0.000_001, "1e-06"), (.infinity, "+Inf"),
            (-.infinity, "-Inf"), (.nan, "NaN"), (1e300, "1e+300"),
        ] as [(Double, String)]
    )
    func writesNumbers(value: Double, text: String) {
        registry.observed("a", "A.") { [FamilySnapshot.Series(value: .number(value))] }
        #expect(self.text == "# HELP a A.\n# TYPE a gauge\na \(text)\n")
    }
}
