import Testing

@testable import FPWMetrics

@Suite("The process's metrics")
struct ProcessMetricsTests {
    private let stat =
        "4711 (a) b (c d) S 1 4711 4711 0 -1 4194560 900 0 3 0 250 50 0 0 20 0 5 0 12300 104857600 512 18446744073709551615 1 1 0"

    @Test("are read behind a command's name that holds anything")
    func readsStatus() throws {
        let status = try #require(
            ProcessStatus(
                stat: stat, systemStat: "cpu 1 2\nbtime 1700000000\nprocesses 5\n",
                units: .init(ticksPerSecond: 100, pageSize: 4096)))
        #expect(status.cpuSeconds == 3)
        #expect(status.virtualBytes == 104_857_600)
        #expect(status.residentBytes == 512 * 4096)
        #expect(status.startTime == 1_700_000_123)
    }

    @Test("are left out where the system does not tell them", arguments: ["", "1 (a", "1 (a) S 1 2 3"])
    func leavesOut(stat: String) {
        #expect(ProcessStatus(stat: stat, systemStat: "") == nil)
    }

    @Test("lack the start time alone where the boot time is not known")
    func leavesOutStartTime() throws {
        #expect(try #require(ProcessStatus(stat: stat, systemStat: "")).startTime == nil)
    }

    @Test("are there for this process, with sensible values")
    func readsThisProcess() throws {
        let registry = MetricRegistry()
        ProcessMetrics.register(in: registry)
        var values: [String: Double] = [:]
        for family in registry.snapshot() {
            guard case .number(let value) = try #require(family.series.first).value else { continue }
            values[family.declaration.name] = value
        }
        #expect(
            values.keys.sorted() == [
                "process_cpu_seconds_total", "process_max_fds", "process_open_fds", "process_resident_memory_bytes",
                "process_start_time_seconds", "process_virtual_memory_bytes",
            ])
        func value(_ name: String) throws -> Double { try #require(values["process_\(name)"]) }
        #expect(try value("cpu_seconds_total") > 0)
        #expect(try value("resident_memory_bytes") > 1_000_000)
        #expect(try value("virtual_memory_bytes") > value("resident_memory_bytes"))
        #expect(try value("start_time_seconds") > 1_600_000_000)
        #expect(try value("open_fds") >= 3)
        #expect(try value("open_fds") <= value("max_fds"))
    }
}
