import FPWService
import Testing

@testable import FPWRelay

@Suite struct AdminRoutesTests {
    @Test("the status shows each host's slots, in the order of their names")
    func status() throws {
        let fixture = RelayFixture()
        _ = try fixture.slot()
        let report = StatusReport(fixture.relay.hosts.all)
        #expect(
            report.table == """
                HOST       PARKED  BUSY  WAITING
                blog.test  1       0     0
                """)
        #expect(
            JSON.line(report) == """
                {"hosts":[{"busy":0,"name":"blog.test","parked":1,"waiting":0}],"version":"\(FPWService.version)"}

                """)
    }

    @Test("readiness says what is missing")
    func readiness() {
        #expect(JSON.line(Readiness(isReady: true)) == #"{"missing":null,"ready":true}"# + "\n")
        #expect(
            JSON.line(Readiness(isReady: false)) == #"{"missing":"the relay is going down","ready":false}"# + "\n")
        #expect(Readiness(isReady: true).text == "ready")
        #expect(Readiness(isReady: false).text == "the relay is going down")
    }
}
