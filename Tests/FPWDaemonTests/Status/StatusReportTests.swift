import FPWService
import Testing

@testable import FPWDaemon

@Suite struct StatusReportTests {
    private let report = StatusReport(
        version: "1.2.3",
        tunnels: [
            StatusReport.Tunnel(
                name: "blog", url: "https://blog.28820.com/", upstream: "http://127.0.0.1:3000",
                relay: "https://blog.28820.com/", link: LinkPhase(isUp: true, openSlots: 10, trouble: nil),
                slots: [.confirmed: 9, .busy: 1], maxSlots: 50, visits: 1234),
            StatusReport.Tunnel(
                name: "b", url: "http://b.example/", upstream: "unix:/b", relay: "http://127.0.0.1/",
                link: LinkPhase(isUp: false, openSlots: 0, trouble: "no \"route\""), slots: [:], maxSlots: 5, visits: 0),
        ])

    @Test("the table is aligned, and what is wrong stands below the tunnel's line")
    func table() {
        #expect(
            report.table == """
                TUNNEL  URL                      UPSTREAM               LINK  SLOTS                VISITS
                blog    https://blog.28820.com/  http://127.0.0.1:3000  up    9 confirmed, 1 busy  1234
                b       http://b.example/        unix:/b                down  none                 0
                  no "route"
                """)
    }

    @Test("an upstream that is down stands below its tunnel's line")
    func upstreamDown() {
        var down = UpstreamHealth()
        for _ in 1...2 { _ = down.checked(.failed("it answers 500")) }
        let tunnel = StatusReport.Tunnel(
            name: "b", url: "http://b.example/", upstream: "unix:/b", relay: "http://127.0.0.1/",
            link: LinkPhase(isUp: true, openSlots: 1, trouble: nil, upstream: down), slots: [.confirmed: 1],
            maxSlots: 5, visits: 0)
        let report = StatusReport(version: "1.2.3", tunnels: [tunnel])
        #expect(report.table.hasSuffix("\n  the upstream is down: it answers 500"))
        #expect(JSON.line(report).contains(#""trouble":"the upstream is down: it answers 500","upstream":"unix:/b""#))
        #expect(JSON.line(report).contains(#""upstream_state":"down""#))
    }

    @Test("without a tunnel the table says so")
    func empty() {
        #expect(StatusReport(version: "1.2.3", tunnels: []).table == "no tunnel is configured")
    }

    @Test("the JSON has every slot state, also those at zero, and a trouble, also where there is none")
    func json() {
        #expect(
            JSON.line(report) == """
                {"tunnels":[\
                {"link":"up","name":"blog","relay":"https://blog.28820.com/",\
                "slots":{"assumed":0,"backoff":0,"busy":1,"confirmed":9,"draining":0,"opening":0},"slots_max":50,\
                "trouble":null,"upstream":"http://127.0.0.1:3000","upstream_state":"unchecked",\
                "url":"https://blog.28820.com/","visits":1234},\
                {"link":"down","name":"b","relay":"http://127.0.0.1/",\
                "slots":{"assumed":0,"backoff":0,"busy":0,"confirmed":0,"draining":0,"opening":0},"slots_max":5,\
                "trouble":"no \\"route\\"","upstream":"unix:/b","upstream_state":"unchecked","url":"http://b.example/","visits":0}],\
                "version":"1.2.3"}

                """)
    }

    @Test("readiness names each tunnel that lacks something, and what")
    func readiness() {
        let up = LinkPhase(isUp: true, openSlots: 1, trouble: nil)
        let noSlot = LinkPhase(isUp: true, openSlots: 0, trouble: nil)
        let down = LinkPhase(isUp: false, openSlots: 0, trouble: "DNS failure")
        #expect(Readiness([("a", up)]).text == "ready")
        let readiness = Readiness([("a", up), ("b", noSlot), ("c", down)])
        #expect(readiness.text == "b: no slot is open\nc: DNS failure")
        #expect(
            JSON.line(readiness) == """
                {"notice":null,"ready":false,"tunnels":[\
                {"link":"up","missing":null,"open_slots":1,"ready":true,"tunnel":"a","upstream":"unchecked"},\
                {"link":"up","missing":"no slot is open","open_slots":0,"ready":false,"tunnel":"b","upstream":"unchecked"},\
                {"link":"down","missing":"DNS failure","open_slots":0,"ready":false,"tunnel":"c","upstream":"unchecked"}]}

                """)
    }
}
