import Testing

@testable import FPWProtocol

@Suite("A slot's POST")
struct SlotTests {
    private let slot = SlotID()
    private var identity: SlotIdentity { SlotIdentity(host: "blog.28820.com", token: Token("s3cret"), slot: slot) }

    private var poll: HeaderFields {
        [
            "fpw-host": "blog.28820.com", "fpw-token": "s3cret", "user-agent": "php-worker-v1",
            "content-type": "application/octet-stream", "fpw-slot": slot.description,
        ]
    }

    private func adding(_ fields: HeaderFields) -> HeaderFields {
        var all = poll
        for field in fields { all.append(field) }
        return all
    }

    @Test("polls with the protocol's five fields")
    func polls() throws {
        #expect(identity.pollFields == poll)
        #expect(try SlotRequest(headers: poll) == .poll)
        #expect(try SlotRequest.slot(in: poll) == slot)
    }

    @Test("says hello")
    func saysHello() throws {
        #expect(identity.helloFields == adding(["fpw-hello": "1"]))
        #expect(try SlotRequest(headers: identity.helloFields) == .hello)
    }

    @Test("names its visit, also where the reply cannot be read")
    func namesVisit() {
        let id = VisitID()
        #expect(SlotRequest.visit(in: ["fpw-id": "", "fpw-rid": "\(id)", "fpw-status": "x"]) == id)
        #expect(SlotRequest.visit(in: ["fpw-id": "1"]) == nil)
        #expect(SlotRequest.visit(in: poll) == nil)
    }

    @Test("drains its slot")
    func drains() throws {
        #expect(identity.drainFields == adding(["fpw-drain": slot.description]))
        #expect(try SlotRequest(headers: identity.drainFields) == .drain(slot))
    }

    @Test("replies under the name that the id came with", arguments: ["fpw-id", "fpw-rid"])
    func replies(name: String) throws {
        let id = VisitID()
        let head = try ReplyHead(status: 404, headers: ["Set-Cookie": "a", "Set-Cookie": "b"], visitMethod: .get)
        let reference = VisitReference(fieldName: name, value: id.description.utf8)
        let fields = try identity.replyFields(to: reference, head: head)
        var expected = poll
        expected.append(name: name, value: id.description)
        expected.append(name: "fpw-status", value: "404")
        expected.append(name: "fpw-header", value: #"{"Set-Cookie":["a","b"]}"#)
        #expect(fields == expected)
        guard case .reply(let reply) = try SlotRequest(headers: fields) else { throw Mismatch() }
        #expect(reply == SlotReply(id: id, status: 404, headers: head.headers, isResend: false, endsSlot: false))
    }

    @Test(
        "says whether a reply was sent before and whether it is the slot's last", arguments: [true, false],
        [true, false])
    func marksReplies(isResend: Bool, endsSlot: Bool) throws {
        let id = VisitID()
        let head = try ReplyHead(status: 200, headers: [:], visitMethod: .get)
        let fields = try identity.replyFields(
            to: VisitReference(fieldName: "fpw-id", value: id.description.utf8), head: head, isResend: isResend,
            endsSlot: endsSlot)
        #expect(fields.firstString("fpw-resend") == (isResend ? "1" : nil))
        #expect(fields.firstString("fpw-drain") == (endsSlot ? "self" : nil))
        let expected = SlotReply(id: id, status: 200, headers: [:], isResend: isResend, endsSlot: endsSlot)
        #expect(try SlotRequest(headers: fields) == .reply(expected))
    }

    @Test("is not written where the reply's head is too large")
    func refusesLargeHeads() throws {
        let head = try ReplyHead(
            status: 200, headers: ["a": String(repeating: "x", count: 70_000)], visitMethod: .get)
        #expect(throws: HeaderJSONError.tooLarge) {
            try identity.replyFields(to: VisitReference(fieldName: "fpw-id", value: "1".utf8), head: head)
        }
    }

    @Test(
        "is told from a visitor's by its method, its host and its token",
        arguments: [
            (Method.post, ["Fpw-Host": "a", "Fpw-Token": "b"], true),
            (.get, ["fpw-host": "a", "fpw-token": "b"], false),
            (.post, ["fpw-host": "a"], false), (.post, ["fpw-token": "b"], false), (.post, [:], false),
        ] as [(Method, HeaderFields, Bool)]
    )
    func isTold(method: Method, headers: HeaderFields, isSlots: Bool) {
        #expect(SlotRequest.isSlotPost(method: method, headers: headers) == isSlots)
    }

    @Test(
        "of a foreign worker needs no more than the id, the status and the headers, in either spelling",
        arguments: ["Fpw-Id", "Fpw-Rid"]
    )
    func readsForeignReplies(name: String) throws {
        let id = VisitID()
        var fields: HeaderFields = ["Fpw-Host": "a", "Fpw-Token": "b", "Fpw-Status": "302"]
        fields.append(name: name, value: id.description)
        fields.append(name: "Fpw-Header", value: #"{"Location":"/"}"#)
        let reply = SlotReply(id: id, status: 302, headers: ["Location": "/"], isResend: false, endsSlot: false)
        #expect(try SlotRequest(headers: fields) == .reply(reply))
        #expect(try SlotRequest.slot(in: fields) == nil)
    }

    @Test("with an empty id is a poll")
    func readsEmptyIDs() throws {
        #expect(try SlotRequest(headers: ["fpw-id": "", "fpw-status": ""]) == .poll)
        let id = VisitID()
        let fields: HeaderFields = ["fpw-id": "", "fpw-rid": id.description, "fpw-status": "200"]
        let reply = SlotReply(id: id, status: 200, headers: [:], isResend: false, endsSlot: false)
        #expect(try SlotRequest(headers: fields) == .reply(reply))
    }

    @Test(
        "is refused",
        arguments: [
            (["fpw-drain": "self"], .badSlot, 400, "fpw-slot and fpw-drain must be 32 hexadecimal digits"),
            (["fpw-drain": ""], .badSlot, 400, "fpw-slot and fpw-drain must be 32 hexadecimal digits"),
            (["fpw-id": "1", "fpw-status": "200"], .unknownVisit, 409, "the visit is gone or already answered"),
            (["fpw-id": "../../x", "fpw-status": "200"], .unknownVisit, 409, "the visit is gone or already answered"),
            (["fpw-rid": VisitID().description], .badStatus, 400, "fpw-status must be 200…599"),
            (["fpw-rid": VisitID().description, "fpw-status": "101"], .badStatus, 400, "fpw-status must be 200…599"),
            (["fpw-rid": VisitID().description, "fpw-status": "600"], .badStatus, 400, "fpw-status must be 200…599"),
            (["fpw-rid": VisitID().description, "fpw-status": "2OO"], .badStatus, 400, "fpw-status must be 200…599"),
            (
                ["fpw-rid": VisitID().description, "fpw-status": "200", "fpw-header": "[]"], .badHeader(.notAnObject),
                400,
                "fpw-header is not a JSON object"
            ),
            (
                ["fpw-rid": VisitID().description, "fpw-status": "200", "fpw-header": #"{"a":"\n"}"#],
                .badHeader(.badValue(name: "a")), 400, "the value of a holds a control character"
            ),
        ] as [(HeaderFields, SlotRequestError, Int, String)]
    )
    func refuses(headers: HeaderFields, error: SlotRequestError, status: Int, text: String) {
        #expect(throws: error) { try SlotRequest(headers: headers) }
        #expect(error.status == status)
        #expect(error.description == text)
    }

    @Test("with a slot's name that is none is refused")
    func refusesBadSlots() {
        #expect(throws: SlotRequestError.badSlot) { try SlotRequest.slot(in: ["fpw-slot": "x"]) }
    }
}

struct Mismatch: Error {}

@Suite("A random id")
struct RandomIDTests {
    @Test("is 32 lower-case hexadecimal digits, which read back as it")
    func readsBack() {
        for _ in 0..<100 {
            let slot = SlotID()
            #expect(slot.description.utf8.count == 32)
            #expect(slot.description.utf8.allSatisfy("0123456789abcdef".utf8.contains))
            #expect(SlotID(slot.description.utf8) == slot)
            #expect(SlotID(slot.description.uppercased().utf8) == slot)
            let visit = VisitID()
            #expect(VisitID(visit.description.utf8) == visit)
        }
    }

    @Test("keeps its leading zeros")
    func keepsZeros() {
        #expect(SlotID("00000000000000000000000000000a0F".utf8)?.description == "00000000000000000000000000000a0f")
    }

    @Test("is not drawn twice")
    func isRandom() {
        #expect(Set((0..<1000).map { _ in VisitID() }).count == 1000)
    }

    @Test(
        "is refused where it is anything else",
        arguments: [
            "", "0", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef0",
            "0123456789abcdef0123456789abcdeg",
            "0x23456789abcdef0123456789abcdef", "0123456789abcdef 123456789abcdef", "+123456789abcdef0123456789abcdef",
        ]
    )
    func refuses(text: String) {
        #expect(SlotID(text.utf8) == nil)
        #expect(VisitID(text.utf8) == nil)
    }
}
