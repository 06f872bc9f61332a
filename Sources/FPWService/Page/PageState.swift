package import FPWMetrics
import Glibc

/// What the status page shows, asked for once a second: `GET /ui/state?after=N`.
package struct PageState<Place: Encodable>: Encodable {
    private let program: String
    private let version: String
    private let started: Double
    private let now: Double
    private let ready: Bool
    private let inspector: Bool
    private let problem: String?
    private let tunnels: [Place]?
    private let hosts: [Place]?
    private let visits: [VisitSummary]
    private let newest: Int

    private init(
        _ program: PageProgram, ready: Bool, problem: String?, tunnels: [Place]?, hosts: [Place]?, after number: Int
    ) {
        self.program = program.name
        version = FPWService.version
        started = program.started
        now = PageProgram.now
        self.ready = ready
        inspector = program.inspects
        self.problem = problem
        self.tunnels = tunnels
        self.hosts = hosts
        (visits, newest) = program.visits.visits(after: number)
    }

    private enum Key: String, CodingKey {
        case program, version, started, now, ready, inspector, problem, tunnels, hosts, visits, newest
    }

    /// `problem` is null where there is none.
    package func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(program, forKey: .program)
        try object.encode(version, forKey: .version)
        try object.encode(started, forKey: .started)
        try object.encode(now, forKey: .now)
        try object.encode(ready, forKey: .ready)
        try object.encode(inspector, forKey: .inspector)
        try object.encode(problem, forKey: .problem)
        try object.encodeIfPresent(tunnels, forKey: .tunnels)
        try object.encodeIfPresent(hosts, forKey: .hosts)
        try object.encode(visits, forKey: .visits)
        try object.encode(newest, forKey: .newest)
    }
}

extension PageState {
    /// - Parameters:
    ///   - problem: what the operator should know beyond the places' own troubles.
    ///   - request: says after which visit.
    package static func fpwd(
        _ program: PageProgram, ready: Bool, problem: String?, tunnels: [Place], for request: AdminRequest
    ) -> PageState {
        PageState(program, ready: ready, problem: problem, tunnels: tunnels, hosts: nil, after: request.after)
    }

    package static func relay(
        _ program: PageProgram, ready: Bool, problem: String?, hosts: [Place], for request: AdminRequest
    ) -> PageState {
        PageState(program, ready: ready, problem: problem, tunnels: nil, hosts: hosts, after: request.after)
    }
}

/// What the page's state says of the program itself.
package struct PageProgram: Sendable {
    package let name: String
    package let visits: VisitRing
    /// The inspector keeps visits.
    package let inspects: Bool
    /// Seconds since the epoch.
    let started: Double

    package init(name: String, visits: VisitRing, inspects: Bool) {
        self.name = name
        self.visits = visits
        self.inspects = inspects
        started = Self.now
    }

    /// Seconds since the epoch.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec / 1_000_000) / 1000
    }

    /// Milliseconds since the epoch.
    package static var milliseconds: Int { Int((now * 1000).rounded()) }
}

/// A histogram as the page takes it: the counts are cumulative, with one more for all.
package struct PageLatency: Encodable, Equatable {
    let bounds: [Double]
    let counts: [UInt64]

    package init(_ histogram: HistogramSnapshot) {
        bounds = histogram.buckets.map(\.upperBound).filter(\.isFinite)
        counts = histogram.buckets.map(\.count)
    }
}

extension AdminRequest {
    fileprivate var after: Int { queryValue("after").flatMap { Int($0) } ?? 0 }
}
