import Testing

@testable import FPWDaemon

@Suite("The service manager's status line")
struct StatusTextTests {
    private static let up = LinkPhase(isUp: true, openSlots: 10, trouble: nil)
    private static func down(_ trouble: String) -> LinkPhase {
        LinkPhase(isUp: false, openSlots: 0, trouble: trouble)
    }

    @Test(
        "counts tunnels and slots, and names the first trouble and the notice",
        arguments: [
            ([("a", up), ("b", up)], nil, "2 of 2 tunnels up, 20 slots"),
            (
                [("a", up), ("blog", down("DNS failure"))], nil,
                "1 of 2 tunnels up, 10 slots; blog: DNS failure"
            ),
            (
                [("a", down("no")), ("b", down("none")), ("c", down("never"))], "the last reload failed",
                "0 of 3 tunnels up, 0 slots; a: no; and 2 more; the last reload failed"
            ),
            ([], Readiness.noTunnel(file: "/etc/fpw.conf"), "no tunnel configured, edit /etc/fpw.conf"),
            ([], nil, "no tunnel configured"),
        ] as [([(String, LinkPhase)], String?, String)])
    func text(tunnels: [(String, LinkPhase)], notice: String?, line: String) {
        #expect("\(StatusText(Readiness(tunnels.map { (name: $0.0, link: $0.1) }, notice: notice)))" == line)
    }
}
