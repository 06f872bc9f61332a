import FPWProtocol
import FPWTransport
import Testing

@testable import FPWDaemon

@Suite("A reply's request body")
struct ReplyTests {
    private func reply(_ bytes: [UInt8]?, length: Int?) -> Reply {
        let body = Body()
        body.reset(window: 100, keep: 100)
        if let bytes { body.fill(bytes) }
        return Reply(
            reference: VisitReference(fieldName: "fpw-rid", value: Array("1".utf8)), head: ReplyHead(own: 200, [:]),
            body: body, length: length, record: VisitRecord(startedAt: .at(0)))
    }

    @Test("is empty where nothing comes, chunked only where no length is known, else as long as it is or was announced")
    func framing() {
        #expect(framing(reply([], length: nil)) == "empty")
        #expect(framing(reply(nil, length: 0)) == "empty")
        #expect(framing(reply([1, 2], length: nil)) == "2")
        #expect(framing(reply(nil, length: 9)) == "9")
        #expect(framing(reply(nil, length: nil)) == "chunked")
        #expect(reply(nil, length: nil).isChunked)
        #expect(!reply([1], length: nil).isChunked)
        #expect(!reply(nil, length: 9).isChunked)
    }

    private func framing(_ reply: Reply) -> String {
        switch reply.requestBody {
        case .none: "none"
        case .empty: "empty"
        case .stream(_, let length): length.map(String.init) ?? "chunked"
        }
    }
}
