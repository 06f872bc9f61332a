import FPWConfig
import Testing

@testable import FPWDaemon

@Suite("What a configuration needs of descriptors")
struct DescriptorNeedTests {
    private func need(_ maxWorkers: Int...) throws -> DescriptorNeed {
        var config = DaemonConfig()
        for count in maxWorkers {
            var tunnel = try TunnelConfig.sample()
            tunnel.maxWorkers = count
            config.tunnels.append(tunnel)
        }
        return DescriptorNeed(config)
    }

    @Test("three for each slot that may be opened, and some to spare")
    func counts() throws {
        #expect(try need().descriptors == 64)
        #expect(try need(50, 200).descriptors == 814)
    }

    @Test("a limit below is told with the numbers, one that suffices is not")
    func warns() throws {
        #expect(try need(50, 200).warning(limit: 814) == nil)
        #expect(
            try need(50, 200).warning(limit: 813) == """
                max_workers of all tunnels together (250) may need 814 file descriptors, and the limit is 813; \
                raise it (LimitNOFILE=, ulimit -n) or lower max_workers
                """)
    }
}
