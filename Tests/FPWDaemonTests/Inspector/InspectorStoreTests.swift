import FPWProtocol
import Testing

@testable import FPWDaemon

extension KeptVisit {
    static func sample(
        request: HeaderFields = [:], body: [UInt8] = [], bodySize: Int? = nil, method: Method = .post,
        target: String = "/hook"
    ) throws -> KeptVisit {
        KeptVisit(
            tunnel: "blog", method: method, target: try RequestTarget(Array(target.utf8), method: method),
            request: KeptMessage(headers: request, body: body, bodySize: bodySize ?? body.count), status: 200,
            response: KeptMessage())
    }
}

@Suite struct InspectorStoreTests {
    @Test("the latest visits that fit are kept, and the sum of bytes is theirs")
    func eviction() throws {
        let visit = try KeptVisit.sample(body: Array(repeating: 7, count: 1000))
        var store = InspectorStore(byteLimit: 10 * visit.byteCount)
        for number in 1...25 { store.keep(visit, as: number) }
        #expect(store.count == 10)
        #expect(store.byteCount == 10 * visit.byteCount)
        #expect((1...26).filter { store[$0] != nil } == Array(16...25))
    }

    @Test("a large one displaces many, and one that is too large for all displaces itself too")
    func large() throws {
        let small = try KeptVisit.sample(body: Array(repeating: 7, count: 1000))
        var store = InspectorStore(byteLimit: 10 * small.byteCount)
        for number in 1...10 { store.keep(small, as: number) }
        store.keep(try .sample(body: Array(repeating: 7, count: 5 * small.byteCount)), as: 11)
        #expect(store[11] != nil)
        #expect(store.count < 6)
        #expect(store.byteCount <= 10 * small.byteCount)
        store.keep(try .sample(body: Array(repeating: 7, count: 11 * small.byteCount)), as: 12)
        #expect(store.count == 0)
        #expect(store.byteCount == 0)
        store.keep(small, as: 13)
        #expect(store[13] == small)
    }

    @Test("numbers may have gaps and come out of order; one that is too old is not kept")
    func numbers() throws {
        let visit = try KeptVisit.sample()
        var store = InspectorStore(byteLimit: 3 * visit.byteCount)
        for number in [5, 9, 7, 20] { store.keep(visit, as: number) }
        #expect([5, 7, 9, 20].filter { store[$0] != nil } == [7, 9, 20])
        store.keep(visit, as: 2)
        #expect(store[2] == nil)
        store.keep(visit, as: 9)
        #expect(store.byteCount == 3 * visit.byteCount)
    }

    @Test("no more are kept than the page lists")
    func count() throws {
        let visit = try KeptVisit.sample()
        var store = InspectorStore()
        for number in 1...3000 { store.keep(visit, as: number) }
        #expect(store.count == InspectorStore.countLimit)
        #expect(store[2000] == nil && store[2001] != nil)
    }
}
