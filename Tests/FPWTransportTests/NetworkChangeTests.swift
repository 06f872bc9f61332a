import Testing

@testable import FPWTransport

@Suite("The machine's network")
struct NetworkChangeTests {
    @Test(
        "a change ends what went out from an address that is gone, and a sleep everything",
        arguments: [
            (.wokeUp, "192.0.2.1", true),
            (.wokeUp, nil, false),
            (.rerouted, "192.0.2.1", false),
            (.addresses(["192.0.2.1", "::1"]), "192.0.2.1", false),
            (.addresses(["192.0.2.7"]), "192.0.2.1", true),
            (.addresses(["192.0.2.7"]), nil, false),
        ] as [(NetworkChange, String?, Bool)])
    func ends(change: NetworkChange, from address: String?, isDead: Bool) {
        #expect(change.endsConnection(from: address) == isDead)
    }

    @Test("addresses that cannot be read are no news")
    func unreadable() {
        var known = KnownAddresses(["::1"])
        let read: [Set<String>?] = [["::1"], nil, ["192.0.2.1"], nil, ["192.0.2.1"], []]
        #expect(read.map { known.update($0) } == [nil, nil, ["192.0.2.1"], nil, nil, []])
    }

    @Test("the machine slept where the clocks have drifted apart by three seconds, and is told of each sleep once")
    func sleep() {
        var gauge = SleepGauge(monotonic: .seconds(100), boottime: .seconds(150))
        let pairs = [(200, 250), (300, 352.9), (310, 362.9), (320, 375.9), (330, 386), (340, 4000)]
        let slept = pairs.map { gauge.hasSlept(monotonic: .seconds($0.0), boottime: .seconds($0.1)) }
        #expect(slept == [false, false, false, true, false, true])
    }
}
