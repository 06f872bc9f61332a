import FPWConfig
import FPWProtocol
import FPWTransport
import Testing

@testable import FPWDaemon

@Suite struct RelayFindingTests {
    @Test(
        "an open slot's line says how it is known",
        arguments: [
            (SlotState.confirmed, "✓ relay https://blog.28820.com/ holds the tunnel open (confirmed)"),
            (.assumed, "✓ relay https://blog.28820.com/ holds the tunnel open (assumed: it keeps the poll)"),
        ])
    func open(form: SlotState, line: String) throws {
        #expect(RelayFinding.open(form).line(for: try .quick()) == line)
    }

    @Test(
        "a relay that cannot be reached is told with the cause",
        arguments: [
            (TransferFailure.Kind.resolve, "why", "DNS failure: why"),
            (.connect, "Connection refused", "no connection: Connection refused"),
            (.tls, "self-signed certificate", "certificate not trusted: self-signed certificate"),
            (.tls, "wrong version number", "no TLS: wrong version number"),
            (.proxy, "why", "the proxy does not help: why"),
            (.timeout, "why", "no connection in time: why"),
            (.broken, "why", "the connection broke: why"),
        ])
    func unreachable(kind: TransferFailure.Kind, detail: String, text: String) throws {
        let finding = RelayFinding.trouble(LinkTrouble(TransferFailure(kind, detail: detail)))
        #expect(finding.line(for: try .quick()) == "✗ relay https://blog.28820.com/: \(text)")
    }

    @Test(
        "an answer that is no relay's, or a refusal, is told with what to change",
        arguments: [
            (
                PollAnswer.refused(status: 403, ""),
                "403: the relay refuses host blog.28820.com or its token (the public default token)"
            ),
            (
                .refused(status: 401, "who are you"),
                "401: the relay refuses host blog.28820.com or its token (the public default token): who are you"
            ),
            (.message("this name is taken"), #"answers with a message: "this name is taken""#),
            (
                .message(#"web page "Hotel Wi-Fi""#),
                #"a login page (captive portal?) answers instead of the relay: web page "Hotel Wi-Fi""#
            ),
            (
                .redirect(location: "http://login.hotel/"),
                """
                redirects to http://login.hotel/: a login page (captive portal?), \
                or the relay has moved; then set FPW_RELAY
                """
            ),
            (.idle, "answers every poll at once, with nothing: this is no relay"),
            (.wait(status: 503, retryAfter: nil), "the relay asks to wait (503)"),
            (.failed(status: 502), "the relay answered 502"),
        ])
    func answered(answer: PollAnswer, text: String) throws {
        let tunnel = try TunnelConfig.quick()
        let finding = RelayFinding.trouble(LinkTrouble(answer, at: tunnel))
        #expect(finding.line(for: tunnel) == "✗ relay https://blog.28820.com/: \(text)")
    }

    @Test("a relay that refuses a drawn name is told by another one")
    func drawnName() throws {
        let tunnel = try TunnelConfig.quick()
        let finding = RelayFinding.trouble(LinkTrouble(.refused(status: 403, ""), at: tunnel))
        #expect(
            finding.line(for: tunnel, hostIsDrawn: true)
                == "✗ relay https://blog.28820.com/: 403: the relay refuses host blog.28820.com or its token "
                + "(the public default token); write the name that it knows: --host NAME")
    }

    @Test("silence is told with its length")
    func silent() throws {
        let line = RelayFinding.silent(within: .seconds(4)).line(for: try .quick())
        #expect(line == "✗ relay https://blog.28820.com/: no answer within 4 s")
    }
}
