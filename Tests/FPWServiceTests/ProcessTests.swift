@testable import FPWService
import Glibc
import Testing

@Suite struct ProcessTests {
    @Test("as many descriptors may be open as the hard limit allows")
    func descriptors() {
        let limit = ProcessSetup.raiseDescriptorLimit()
        var now = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &now)
        #expect(now.rlim_cur == now.rlim_max)
        #expect(limit == Int(clamping: now.rlim_max))
    }

    @Test("a variable that is set to nothing differs from one that is not set")
    func environment() {
        setenv("FPW_TEST_EMPTY", "", 1)
        #expect(ProcessSetup.environment("FPW_TEST_EMPTY") == "")
        #expect(ProcessSetup.environment("FPW_TEST_UNSET") == nil)
    }
}
