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

    @Test("the line for systemd says what to edit where no host is configured")
    func lineWithoutHosts() {
        #expect(StatusReport.line([], noneIn: "/etc/fpw-relay.conf") == "no host configured, edit /etc/fpw-relay.conf")
        #expect(RelayFixture().relay.hasHosts)
    }

    @Test("the line for systemd counts hosts, slots and visitors")
    func line() throws {
        let fixture = RelayFixture()
        #expect(StatusReport.line(fixture.relay.hosts.all) == "1 host, 0 slots, 0 visitors waiting")
        _ = try (fixture.slot(), fixture.slot())
        for _ in 0..<3 { _ = try fixture.visitor() }
        #expect(StatusReport.line(fixture.relay.hosts.all) == "1 host, 2 slots, 1 visitor waiting")
    }

    @Test("a configuration file that could not be used is told, and visitors are served all the same")
    func fileWithErrors() {
        let readiness = Readiness(isReady: true, isFileInUse: false)
        #expect(readiness.text == "ready\nthe configuration file has errors: an older one is in use")
        #expect(
            JSON.line(readiness)
                == #"{"missing":null,"notice":"the configuration file has errors: an older one is in use","ready":true}"#
                + "\n")
    }

    @Test("readiness says what is missing")
    func readiness() {
        #expect(JSON.line(Readiness(isReady: true)) == #"{"missing":null,"notice":null,"ready":true}"# + "\n")
        #expect(
            JSON.line(Readiness(isReady: false))
                == #"{"missing":"the relay is going down","notice":null,"ready":false}"# + "\n")
        #expect(Readiness(isReady: true).text == "ready")
        #expect(Readiness(isReady: false).text == "the relay is going down")
    }
}
