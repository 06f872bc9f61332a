import FPWMetrics
@testable import FPWService
import Testing

@Suite struct PageStateTests {
    static func visit(_ target: String) -> VisitSummary {
        var visit = VisitSummary()
        visit.target = target
        return visit
    }

    @Test("visits are numbered from 1, and told after a number, the oldest first")
    func ring() {
        let ring = VisitRing()
        #expect(ring.visits(after: 0) == ([], 0))
        for number in 1...3 { #expect(ring.add(Self.visit("/\(number)")) == number) }
        #expect(ring.visits(after: 1).visits.map(\.target) == ["/2", "/3"])
        #expect(ring.visits(after: 1).visits.map(\.id) == [2, 3])
        for number in [3, 4, Int.max] { #expect(ring.visits(after: number) == ([], 3)) }
        #expect(ring.visits(after: .min).visits.count == 3)
    }

    @Test("a thousand visits are remembered, and told two hundred at a time")
    func ringIsBounded() {
        let ring = VisitRing()
        for number in 1...2345 { ring.add(Self.visit("/\(number)")) }
        for (after, told) in [(0, 1346...1545), (1345, 1346...1545), (1346, 1347...1546), (2300, 2301...2345)] {
            let (visits, newest) = ring.visits(after: after)
            #expect(visits.map(\.id) == Array(told))
            #expect(visits.map(\.target) == told.map { "/\($0)" })
            #expect(newest == 2345)
        }
        #expect([0, 1, 1345, 2346, Int.max, Int.min].compactMap { ring.visit($0) } == [])
        #expect([1346, 2000, 2345].map { ring.visit($0)?.id } == [1346, 2000, 2345])
    }

    @Test("of a target longer than 2 KiB the beginning is remembered", arguments: [2047, 2048, 2049, 16384])
    func longTarget(length: Int) {
        let ring = VisitRing()
        let target = "/" + String(repeating: "a", count: length - 1)
        ring.add(Self.visit(target))
        #expect(ring.visit(1)?.target == (length <= 2048 ? target : target.prefix(2048) + "…"))
    }

    @Test("of a method longer than any the beginning is remembered")
    func longMethod() {
        let ring = VisitRing()
        var visit = Self.visit("/")
        visit.method = String(repeating: "A", count: 15_000)
        ring.add(visit)
        #expect(ring.visit(1)?.method == String(repeating: "A", count: 32) + "…")
    }

    @Test("a visit of which little is known is told with nulls")
    func visit() {
        #expect(
            JSON.line(VisitSummary()) == """
                {"address":null,"at":0,"error":null,"id":0,"kept":false,"method":"-","received":0,"replay_of":null,\
                "request_id":null,"sent":0,"status":null,"target":"-","total_ms":0,"tunnel":"","upstream_ms":null}

                """)
    }

    @Test("durations are told in milliseconds with two places")
    func durations() {
        var visit = VisitSummary()
        visit.upstreamTook = .microseconds(1234)
        visit.took = .microseconds(2_000_006)
        let text = JSON.line(visit)
        #expect(text.contains("\"total_ms\":2000.01,"))
        #expect(text.contains("\"upstream_ms\":1.23}"))
    }

    @Test("a histogram is told with cumulative counts, one more than bounds")
    func latency() {
        let histogram = Histogram(bounds: [0.5, 1])
        for seconds in [0.1, 0.7, 3] { histogram.observe(seconds) }
        #expect(JSON.line(PageLatency(histogram.snapshot)) == "{\"bounds\":[0.5,1],\"counts\":[1,2,3]}\n")
    }

    @Test("the state is told after the number that the request names")
    func state() throws {
        let program = PageProgram(name: "fpwd", visits: VisitRing(), inspects: true)
        for number in 1...3 { program.visits.add(Self.visit("/\(number)")) }
        let request = AdminRequest(method: .get, target: "/ui/state?after=2")
        let text = JSON.line(
            PageState.fpwd(program, ready: true, problem: nil, tunnels: [["name": "blog"]], for: request))
        #expect(text.hasPrefix("{\"inspector\":true,\"newest\":3,\"now\":"))
        #expect(text.contains(",\"problem\":null,\"program\":\"fpwd\",\"ready\":true,\"started\":"))
        #expect(text.contains("\"tunnels\":[{\"name\":\"blog\"}],\"version\":\"\(FPWService.version)\",\"visits\":[{"))
        #expect(text.contains("\"id\":3,") && !text.contains("\"id\":2,"))
        #expect(!text.contains("hosts"))
    }
}
