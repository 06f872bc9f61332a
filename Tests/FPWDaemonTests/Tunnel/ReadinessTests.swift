import FPWService
import Testing

@testable import FPWDaemon

@Suite("Readiness")
struct ReadinessTests {
    static let ready = LinkPhase(isUp: true, openSlots: 2, trouble: nil)

    @Test(
        "a tunnel is ready when its link is up, a slot is open and the daemon goes on; otherwise it says what is missing",
        arguments: [
            (
                ready,
                #"{"link":"up","missing":null,"open_slots":2,"ready":true,"tunnel":"a\\b","upstream":"unchecked"}"#
            ),
            (
                LinkPhase(isUp: true, openSlots: 0, trouble: nil),
                #"{"link":"up","missing":"no slot is open","open_slots":0,"ready":false,"tunnel":"a\\b","upstream":"unchecked"}"#
            ),
            (
                LinkPhase(isUp: false, openSlots: 0, trouble: nil),
                #"{"link":"down","missing":"the relay has not answered yet","open_slots":0,"ready":false,"tunnel":"a\\b","upstream":"unchecked"}"#
            ),
            (
                LinkPhase(isUp: false, openSlots: 1, trouble: "DNS \"failure\"\n"),
                #"{"link":"down","missing":"DNS \"failure\"\n","open_slots":1,"ready":false,"tunnel":"a\\b","upstream":"unchecked"}"#
            ),
            (
                LinkPhase(isUp: true, openSlots: 2, trouble: nil, isStopping: true),
                #"{"link":"up","missing":"the daemon is stopping","open_slots":2,"ready":false,"tunnel":"a\\b","upstream":"unchecked"}"#
            ),
        ])
    func tunnel(link: LinkPhase, json: String) {
        let isReady = link == Self.ready
        let readiness = Readiness([("a\\b", link)])
        #expect(readiness.isReady == isReady)
        #expect(JSON.line(readiness) == #"{"notice":null,"ready":\#(isReady),"tunnels":[\#(json)]}"# + "\n")
    }

    @Test("an upstream that is down is told apart, and is no reason to be unready while a slot is open")
    func upstream() {
        var down = UpstreamHealth()
        for _ in 1...2 { _ = down.checked(.failed("it answers 500")) }
        let open = LinkPhase(isUp: true, openSlots: 2, trouble: nil, upstream: down)
        let closed = LinkPhase(isUp: true, openSlots: 0, trouble: nil, upstream: down)
        #expect(
            JSON.line(Readiness([("a", open)])) == """
                {"notice":null,"ready":true,"tunnels":[\
                {"link":"up","missing":null,"open_slots":2,"ready":true,"tunnel":"a","upstream":"down"}]}

                """)
        #expect(Readiness([("a", closed)]).text == "a: no slot is open: the upstream is down: it answers 500")
    }

    @Test("the daemon is ready when all its tunnels are, also where it has none")
    func all() {
        let down = LinkPhase(isUp: false, openSlots: 0, trouble: nil)
        #expect(!Readiness([("a", Self.ready), ("b", down)]).isReady)
        #expect(Readiness([("a", Self.ready), ("b", Self.ready)]).isReady)
        #expect(JSON.line(Readiness([])) == #"{"notice":null,"ready":true,"tunnels":[]}"# + "\n")
    }

    @Test("a notice is said in either form, and keeps nobody from being ready")
    func notice() {
        let readiness = Readiness([], notice: Readiness.noTunnel(file: "/etc/fpw.conf"))
        #expect(readiness.text == "ready\nno tunnel configured, edit /etc/fpw.conf")
        let notice = "no tunnel configured, edit /etc/fpw.conf"
        #expect(JSON.line(readiness) == #"{"notice":"\#(notice)","ready":true,"tunnels":[]}"# + "\n")
    }
}
