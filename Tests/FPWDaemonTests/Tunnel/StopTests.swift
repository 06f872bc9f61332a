import FPWConfig
import FPWTransport
import TestSupport
import Testing

@testable import FPWDaemon

@Suite("A tunnel that is told to stop now")
struct StopTests {
    /// What a slot is at when it is told to stop.
    enum Stage: CaseIterable {
        case parked, waitingForTheLink, visitBodyAwaited, uploading, unanswered, collecting, replying

        var visits: UInt64 { self == .parked || self == .waitingForTheLink ? 0 : 1 }

        func relay(_ reached: Gate, _ hold: Gate) -> ScriptedServer.Script {
            { peer in
                peer.readHead()
                switch self {
                case .parked: reached.open()
                case .waitingForTheLink:
                    peer.answer("403 Forbidden", "no")
                    reached.open()
                case .visitBodyAwaited:
                    peer.visit("POST", framing: "transfer-encoding: chunked")
                    reached.open()
                case .uploading: peer.visit("POST", framing: "content-length: 9", "half")
                case .unanswered, .collecting, .replying: peer.visit()
                }
                guard peer.readHead() != nil else { return }
                reached.open()
                hold.pass()
            }
        }

        func upstream(_ reached: Gate) -> ScriptedServer.Script {
            { peer in
                peer.readHead()
                switch self {
                case .collecting: peer.send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")
                case .replying:
                    peer.send("HTTP/1.1 200 OK\r\ncontent-length: 64000000\r\n\r\n")
                    peer.send([UInt8](repeating: 0, count: 64_000_000))
                default: break
                }
                if self != .replying { reached.open() }
                peer.readToEnd()
            }
        }
    }

    @Test("ends within a moment, whatever its slot is at", arguments: Stage.allCases)
    func ends(stage: Stage) async throws {
        let (reached, hold) = (Gate(), Gate())
        let lab = try await withTunnel(
            relay: stage.relay(reached, hold), upstream: stage.upstream(reached), afterStop: hold.open
        ) { _ in
            #expect(await reached.passed())
        }
        #expect(lab.stop.value < .seconds(30), "what it waits for otherwise takes a minute")
        #expect(lab.visits.value == stage.visits, "a visit that was handed over is counted once")
    }

    @Test("calls neither its link down nor a delivered reply lost")
    func quiet() async throws {
        let isParked = Gate()
        let lab = try await withTunnel { peer in
            _ = peer.readBody(of: peer.readHead())
            peer.visit()
            guard let reply = peer.readHead() else { return }
            _ = peer.readBody(of: reply)
            isParked.open()
            peer.readToEnd()
        } upstream: { peer in
            while peer.readHead() != nil { peer.answer("200 OK", "hello") }
        } change: {
            ($0.workers, $0.maxWorkers) = (4, 4)
        } _: { _ in
            for _ in 0..<4 { #expect(await isParked.passed()) }
        }
        #expect(lab.events.value == ["up"])
        #expect(lab.droppedReplies.value == 0)
    }
}
