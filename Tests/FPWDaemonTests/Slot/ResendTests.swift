import FPWTransport
import Testing

@testable import FPWDaemon

@Suite("A reply whose POST did not deliver it")
struct ResendTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let what: String
        var wasIssued = true
        var wasAnswered = false
        var bodyFailed = false
        var isKept = true
        var relayResends = false
        var failedFor = 0.0
        /// How long ago it had gone out whole.
        var sentFor: Double?
        let fate: Resend

        var testDescription: String { what }
    }

    @Test(
        "is sent again, taken for delivered, or dropped with a reason",
        arguments: [
            Row(what: "no connection", wasIssued: false, fate: .sendAgain(isResend: false)),
            Row(
                what: "no connection, relay resends", wasIssued: false, relayResends: true,
                fate: .sendAgain(isResend: false)),
            Row(what: "broken in the middle", fate: .sendAgain(isResend: false)),
            Row(what: "broken in the middle, relay resends", relayResends: true, fate: .sendAgain(isResend: true)),
            Row(what: "broken after its end", sentFor: 1, fate: .drop(.maybeTaken)),
            Row(
                what: "broken after its end, relay resends", relayResends: true, sentFor: 1,
                fate: .sendAgain(isResend: true)),
            Row(what: "refused", wasAnswered: true, sentFor: 1, fate: .sendAgain(isResend: false)),
            Row(what: "refused long after", wasAnswered: true, sentFor: 20, fate: .sendAgain(isResend: false)),
            Row(
                what: "refused, relay resends", wasAnswered: true, relayResends: true, sentFor: 1,
                fate: .sendAgain(isResend: true)),
            Row(what: "held just under 5 s", sentFor: 4.9, fate: .drop(.maybeTaken)),
            Row(what: "held for 5 s", sentFor: 5, fate: .taken),
            Row(
                what: "held for 29.9 s, relay resends", relayResends: true, sentFor: 29.9,
                fate: .sendAgain(isResend: true)),
            Row(what: "held for 30 s, relay resends", relayResends: true, sentFor: 30, fate: .taken),
            Row(what: "held for 5 s, not kept", isKept: false, sentFor: 5, fate: .taken),
            Row(what: "not kept", isKept: false, relayResends: true, fate: .drop(.notKept)),
            Row(what: "not kept, no connection", wasIssued: false, isKept: false, fate: .drop(.notKept)),
            Row(
                what: "upstream broke off", bodyFailed: true, isKept: false, relayResends: true,
                fate: .drop(.upstreamBroken)),
            Row(what: "almost too old", wasIssued: false, failedFor: 29.9, fate: .sendAgain(isResend: false)),
            Row(what: "too old", wasIssued: false, failedFor: 30, fate: .drop(.expired)),
            Row(
                what: "too old, relay resends", wasAnswered: true, relayResends: true, failedFor: 30,
                fate: .drop(.expired)),
        ])
    func fate(row: Row) {
        let facts = Resend.Facts(
            wasIssued: row.wasIssued, wasAnswered: row.wasAnswered, bodyFailed: row.bodyFailed, isKept: row.isKept,
            relayResends: row.relayResends, firstFailure: .at(100 - row.failedFor),
            sentAt: row.sentFor.map { .at(100 - $0) })
        #expect(Resend.decide(facts, at: .at(100)) == row.fate)
    }
}
