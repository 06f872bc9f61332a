import FPWProtocol
import Testing

@testable import FPWDaemon

@Suite("What a relay's answer says about it")
struct AnswerTroubleTests {
    private static func isTrouble(
        _ status: Int, _ fields: HeaderFields, after time: Duration, carriedReply: Bool, isWanted: Bool = false
    ) -> Bool {
        let facts = AnswerFacts(status: status, headers: fields, sinceUpload: time, carriedReply: carriedReply)
        return facts.reading()
            .isTrouble(carriedReply: carriedReply, isWanted: isWanted, isLeaving: facts.announcesLeaving)
    }

    @Test(
        "that it goes down is trouble however long it held the poll, unless the answer was asked for",
        arguments: [.zero, .seconds(3), .seconds(80)] as [Duration], [false, true])
    func leaving(time: Duration, isWanted: Bool) {
        let fields: HeaderFields = ["fpw-features": "drain", "retry-after": "1"]
        #expect(Self.isTrouble(204, fields, after: time, carriedReply: true, isWanted: isWanted) == !isWanted)
    }

    @Test("that it goes down is trouble also where the reply came too late")
    func leavingAndLate() {
        let fields: HeaderFields = ["fpw-features": "drain", "retry-after": "1"]
        #expect(Self.isTrouble(409, fields, after: .zero, carriedReply: true))
    }

    @Test("an idle answer is trouble only at once", arguments: [false, true])
    func idle(carriedReply: Bool) {
        let fields: HeaderFields = ["fpw-features": "drain", "connection": "close"]
        #expect(Self.isTrouble(204, fields, after: .zero, carriedReply: carriedReply))
        #expect(!Self.isTrouble(204, fields, after: .seconds(3), carriedReply: carriedReply))
    }

    @Test("an answer about the reply alone is no trouble", arguments: [409, 413])
    func aboutTheReply(status: Int) {
        #expect(!Self.isTrouble(status, [:], after: .zero, carriedReply: true))
        #expect(Self.isTrouble(status, [:], after: .zero, carriedReply: false))
    }
}
