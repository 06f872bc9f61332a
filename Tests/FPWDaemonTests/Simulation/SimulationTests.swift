import Glibc
import Testing

@testable import FPWDaemon

@Suite("A daemon's random histories")
struct SimulationTests {
    /// Five hundred histories take some ten seconds in a debug build; they are the same ones in every run.
    ///
    /// `FPW_SIMULATION_SEED` plays one history again, `FPW_SIMULATION_SEEDS` more or fewer of them.
    private static var seeds: Range<UInt64> {
        if let one = number("FPW_SIMULATION_SEED") { return one..<one + 1 }
        return 0..<(number("FPW_SIMULATION_SEEDS") ?? 500)
    }

    private static func number(_ name: String) -> UInt64? {
        getenv(name).flatMap { UInt64(String(cString: $0)) }
    }

    @Test("no visit has two owners, each has one outcome, slots come back, and relays in trouble are spared")
    func histories() async throws {
        var failures = 0
        for seed in Self.seeds where failures < 5 {
            let complaints = try Simulation(seed: seed).run()
            failures += complaints.isEmpty ? 0 : 1
            #expect(complaints.isEmpty, "FPW_SIMULATION_SEED=\(seed): \(complaints.joined(separator: "; "))")
            // It takes a while, and the other tests have deadlines.
            await Task.yield()
        }
    }
}
