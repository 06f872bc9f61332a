import Testing

@testable import FPWMetrics

@Suite("The metrics' text")
struct MetricsTextTests {
    private let registry = MetricRegistry()

    private var text: String { MetricsFormat.prometheus.text(of: registry.snapshot()) }

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

    @Test("in OpenMetrics names counters' families without their suffix, tells units, and ends visibly")
    func writesOpenMetrics() {
        registry.counters("a_bytes_total", "Bytes, \"all\".", labels: ["tunnel"]).series("x").add(3)
        registry.gauge("b", "B.").set(1)
        registry.histogram("c_seconds", "C.", bounds: [0.25, 1]).observe(0.5)
        #expect(
            MetricsFormat.openMetrics.text(of: registry.snapshot()) == #"""
                # HELP a_bytes Bytes, \"all\".
                # TYPE a_bytes counter
                # UNIT a_bytes bytes
                a_bytes_total{tunnel="x"} 3
                # HELP b B.
                # TYPE b gauge
                b 1
                # HELP c_seconds C.
                # TYPE c_seconds histogram
                # UNIT c_seconds seconds
                c_seconds_bucket{le="0.25"} 0
                c_seconds_bucket{le="1.0"} 1
                c_seconds_bucket{le="+Inf"} 1
                c_seconds_sum 0.5
                c_seconds_count 1
                # EOF

                """#)
    }

    @Test(
        "is in the format that the client prefers",
        arguments: [
            (nil, .prometheus), ("", .prometheus), ("*/*", .prometheus), ("text/html", .prometheus),
            ("application/openmetrics-text", .openMetrics),
            ("application/openmetrics-text; version=1.0.0; charset=utf-8", .openMetrics),
            ("APPLICATION/OpenMetrics-Text;version=\"1.0.0\"", .openMetrics),
            ("application/openmetrics-text;version=0.0.1", .prometheus),
            ("application/openmetrics-text;q=0", .prometheus), ("application/openmetrics-text;q=x", .prometheus),
            ("application/openmetrics-text;q=0.4, text/plain;q=0.5", .prometheus),
            ("application/openmetrics-text;q=0.5, text/plain;q=0.5", .openMetrics),
            ("application/openmetrics-text;q=0.2, text/*;q=0.1, */*", .openMetrics),
            ("application/openmetrics-text;q=0.2, text/plain;version=1.0.0, */*;q=0.1", .openMetrics),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                    + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                .openMetrics
            ),
        ] as [(String?, MetricsFormat)]
    )
    func negotiates(accept: String?, format: MetricsFormat) {
        #expect(MetricsFormat(accept: accept) == format)
    }
}
