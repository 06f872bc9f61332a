import Testing

@testable import FPWDaemon

@Suite("Slot states")
struct SlotStateTests {
    @Test("open are those that a visitor can be served by, idle those that wait for one", arguments: SlotState.allCases)
    func roles(state: SlotState) {
        #expect(state.isOpen == [.confirmed, .assumed, .busy].contains(state))
        #expect(state.isIdle == [.confirmed, .assumed].contains(state))
    }
}
