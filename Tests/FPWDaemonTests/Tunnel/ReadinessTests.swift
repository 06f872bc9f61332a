import Testing

@testable import FPWDaemon

@Suite("Readiness")
struct ReadinessTests {
    static let ready = LinkPhase(isUp: true, openSlots: 2, trouble: nil)

    @Test(
        "a tunnel is ready when its link is up, a slot is open and the daemon goes on; otherwise it says what is missing",
        arguments: [
            (ready, #""ready":true,"link":"up","open_slots":2,"missing":null"#),
            (
                LinkPhase(isUp: true, openSlots: 0, trouble: nil),
                #""ready":false,"link":"up","open_slots":0,"missing":"no slot is open""#
            ),
            (
                LinkPhase(isUp: false, openSlots: 0, trouble: nil),
                #""ready":false,"link":"down","open_slots":0,"missing":"the relay has not answered yet""#
            ),
            (
                LinkPhase(isUp: false, openSlots: 1, trouble: "DNS \"failure\"\n"),
                #""ready":false,"link":"down","open_slots":1,"missing":"DNS \"failure\"\u000a""#
            ),
            (
                LinkPhase(isUp: true, openSlots: 2, trouble: nil, isStopping: true),
                #""ready":false,"link":"up","open_slots":2,"missing":"the daemon is stopping""#
            ),
        ])
    func tunnel(link: LinkPhase, fields: String) {
        let isReady = link == Self.ready
        let readiness = Readiness([("a\\b", link)])
        #expect(readiness.isReady == isReady)
        #expect(readiness.json == #"{"ready":\#(isReady),"tunnels":[{"tunnel":"a\\b",\#(fields)}]}"# + "\n")
    }

    @Test("the daemon is ready when all its tunnels are, also where it has none")
    func all() {
        let down = LinkPhase(isUp: false, openSlots: 0, trouble: nil)
        #expect(!Readiness([("a", Self.ready), ("b", down)]).isReady)
        #expect(Readiness([("a", Self.ready), ("b", Self.ready)]).isReady)
        #expect(Readiness([]).json == #"{"ready":true,"tunnels":[]}"# + "\n")
    }
}
