import FPWTransport
import TestSupport
import Testing

@testable import FPWDaemon

@Suite("What a reply's copy takes of reply_memory")
struct ReplyMemoryTests {
    @Test("is given back when the relay has taken the reply")
    func givenBack() async throws {
        let (isSent, answer, isPolling) = (Gate(), Gate(), Gate())
        let used = Box<[Int]>([])
        _ = try await withTunnel { peer in
            peer.readHead()
            peer.visit()
            _ = peer.readBody(of: peer.readHead())
            isSent.open()
            answer.pass()
            peer.answer("200 OK")
            guard peer.readHead() != nil else { return }
            isPolling.open()
            peer.readToEnd()
        } upstream: { peer in
            peer.readHead()
            peer.answer("200 OK", String(repeating: "x", count: 100_000))
            peer.readToEnd()
        } _: { lab in
            #expect(await isSent.passed())
            used.value.append(lab.budget.used)
            answer.open()
            #expect(await isPolling.passed())
            used.value.append(lab.budget.used)
        }
        #expect(used.value == [100_000, 0])
    }

    @Test("and so is what the inspector copied of a visit, answered or left")
    func copies() async throws {
        let (isAsked, leave, isPolling) = (Gate(), Gate(), Gate())
        let used = Box<[Int]>([])
        _ = try await withTunnel { peer in
            peer.readHead()
            guard peer.number == 1 else {
                isPolling.open()
                peer.readToEnd()
                return
            }
            peer.visit("POST", framing: "content-length: 5", "whole")
            _ = peer.readBody(of: peer.readHead())
            peer.visit("POST", framing: "content-length: 9", "half")
            leave.pass()
        } upstream: { peer in
            while let head = peer.readHead() {
                _ = peer.read(head.field("content-length") == "5" ? 5 : 4)
                if head.field("content-length") == "9" { return isAsked.open() }
                peer.answer("200 OK", "hello")
            }
        } _: { lab in
            #expect(await isAsked.passed())
            used.value.append(lab.captures.used)
            leave.open()
            #expect(await isPolling.passed())
            used.value.append(lab.captures.used)
        }
        #expect(used.value == [4, 0])
    }
}
