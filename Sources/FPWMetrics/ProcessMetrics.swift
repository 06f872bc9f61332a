import Glibc

/// The usual `process_…` metrics, read from `/proc/self` when somebody asks.
package enum ProcessMetrics {
    package static func register(in registry: MetricRegistry) {
        func observe(_ name: String, _ help: String, _ kind: MetricKind, _ read: @escaping @Sendable () -> Double?) {
            registry.observed(name, help, kind) {
                read().map { [FamilySnapshot.Series(value: .number($0))] } ?? []
            }
        }
        observe("process_cpu_seconds_total", "Time on a CPU, user and system.", .counter) {
            ProcessStatus()?.cpuSeconds
        }
        observe("process_resident_memory_bytes", "Resident memory.", .gauge) { ProcessStatus()?.residentBytes }
        observe("process_virtual_memory_bytes", "Virtual memory.", .gauge) { ProcessStatus()?.virtualBytes }
        observe("process_start_time_seconds", "Start of the process, in seconds since the epoch.", .gauge) {
            ProcessStatus()?.startTime
        }
        observe("process_open_fds", "Open file descriptors.", .gauge) { openDescriptors() }
        observe("process_max_fds", "File descriptors at the most.", .gauge) { descriptorLimit() }
    }

    /// The entries of `/proc/self/fd`, without `.`, `..` and the descriptor that lists them.
    private static func openDescriptors() -> Double? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return Double(count - 3)
    }

    private static func descriptorLimit() -> Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Double(limit.rlim_cur)
    }
}

/// What `/proc/self/stat` says (proc(5)).
struct ProcessStatus {
    let cpuSeconds: Double
    let residentBytes: Double
    let virtualBytes: Double
    /// Seconds since the epoch.
    let startTime: Double?

    /// What the kernel counts in.
    struct Units {
        var ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        var pageSize = Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    init?() {
        guard let stat = readFile("/proc/self/stat") else { return nil }
        self.init(stat: stat, systemStat: readFile("/proc/stat") ?? "")
    }

    init?(stat: String, systemStat: String, units: Units = Units()) {
        // The command's name, in parentheses, may hold anything: the fields are counted behind its end.
        guard let nameEnd = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[nameEnd...].split(separator: " ").dropFirst().map { Double($0) }
        func field(_ number: Int) -> Double? { fields.indices.contains(number - 3) ? fields[number - 3] : nil }
        guard let user = field(14), let system = field(15), let start = field(22), let virtual = field(23),
            let pages = field(24)
        else { return nil }
        cpuSeconds = (user + system) / units.ticksPerSecond
        virtualBytes = virtual
        residentBytes = pages * units.pageSize
        let boot = systemStat.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap {
            Double($0.dropFirst(6))
        }
        startTime = boot.map { $0 + start / units.ticksPerSecond }
    }
}

private func readFile(_ path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        guard count > 0 else { return String(decoding: text, as: UTF8.self) }
        text += buffer[..<count]
    }
}
