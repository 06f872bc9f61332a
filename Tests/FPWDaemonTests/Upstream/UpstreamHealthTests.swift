import Testing

@testable import FPWDaemon

@Suite("The upstream's health")
struct UpstreamHealthTests {
    @Test("nothing is known before the first check, and that is not down")
    func begins() {
        let health = UpstreamHealth()
        #expect(health.condition == .unchecked)
        #expect(!health.isDown)
    }

    @Test(
        "two failures in a row turn it down, one success up; each turn is told once",
        arguments: [
            ("+", [nil], .up),
            ("-", [nil], .unchecked),
            ("--", [nil, .wentDown(cause: "2")], .down),
            ("---", [nil, .wentDown(cause: "2"), nil], .down),
            ("-+-", [nil, nil, nil], .up),
            ("--+", [nil, .wentDown(cause: "2"), .cameUp], .up),
            ("--+--", [nil, .wentDown(cause: "2"), .cameUp, nil, .wentDown(cause: "5")], .down),
        ] as [(String, [UpstreamHealth.Change?], UpstreamHealth.Condition)])
    func turns(checks: String, changes: [UpstreamHealth.Change?], condition: UpstreamHealth.Condition) {
        var health = UpstreamHealth()
        let said = checks.enumerated().map { number, check in
            health.checked(check == "+" ? .healthy : .failed("\(number + 1)"))
        }
        #expect(said == changes)
        #expect(health.condition == condition)
    }

    @Test("the cause is that of the latest failure, and gone once it is up")
    func cause() {
        var health = UpstreamHealth()
        for cause in ["a", "b", "c"] { _ = health.checked(.failed(cause)) }
        #expect(health.cause == "c")
        _ = health.checked(.healthy)
        #expect(health.cause == nil)
    }

    @Test(
        "2xx and 3xx are healthy, anything else is not",
        arguments: [
            (200, .healthy), (204, .healthy), (302, .healthy), (399, .healthy), (404, .failed("it answers 404")),
            (503, .failed("it answers 503")),
        ] as [(Int, UpstreamHealth.Finding)])
    func statuses(status: Int, finding: UpstreamHealth.Finding) {
        #expect(UpstreamHealth.Finding(status: status) == finding)
    }
}
