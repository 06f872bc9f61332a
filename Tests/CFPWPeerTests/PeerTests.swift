import CFPWPeer
import Glibc
import TestSupport
import Testing

@Suite("Peers that are gone, and peers that do not read")
struct PeerTests {
    struct Row: CustomTestStringConvertible {
        var testDescription: String
        var sight: fpw_peer_sight
        var timeout: UInt32

        init(_ claim: String, shut: Bool, asked: Bool, unheard: UInt32, still: Int64, timeout: UInt32) {
            testDescription = claim
            sight = fpw_peer_sight(was_shut: shut, is_asked: asked, unheard_ms: unheard, still_ms: still)
            self.timeout = timeout
        }
    }

    @Test(
        "the end is put off where the window is shut and the peer answers",
        arguments: [
            Row("all was read", shut: false, asked: false, unheard: 600_000, still: 0, timeout: 25_000),
            Row(
                "an open window is nobody's excuse", shut: false, asked: true, unheard: 9, still: 90_000,
                timeout: 25_000),
            Row("a short pause needs nothing", shut: true, asked: false, unheard: 200, still: 10_000, timeout: 25_000),
            Row("a pause", shut: true, asked: false, unheard: 9_000, still: 15_000, timeout: 30_000),
            Row("a long one", shut: true, asked: false, unheard: 9_000, still: 290_000, timeout: 305_000),
            Row("not asked for long", shut: true, asked: false, unheard: 60_000, still: 90_000, timeout: 105_000),
            Row("a question just left", shut: true, asked: true, unheard: 10_000, still: 40_000, timeout: 55_000),
            Row("a question was lost", shut: true, asked: true, unheard: 24_999, still: 40_000, timeout: 55_000),
            Row("gone", shut: true, asked: true, unheard: 25_000, still: 40_000, timeout: 25_000),
            Row("gone at once", shut: true, asked: true, unheard: 25_000, still: 25_000, timeout: 25_000),
        ])
    func decides(row: Row) {
        #expect(withUnsafePointer(to: row.sight, fpw_peer_timeout) == row.timeout)
    }

    @Test("a peer that reads nothing is waited for, and once it has read all a dead one is noticed as before")
    func looks() {
        let line = Line()
        var peer = fpw_peer()
        #expect(!fpw_peer_look(&peer, line.sender, seconds(1)))
        #expect(line.timeout == 25_000)
        line.fill()
        #expect(fpw_peer_look(&peer, line.sender, seconds(5)))
        // No event tells when the window is shut, by the kernel's first question, nor when the last byte is acknowledged.
        for _ in 1...500 where line.timeout == 25_000 {
            #expect(fpw_peer_look(&peer, line.sender, seconds(25)))
            usleep(10_000)
        }
        #expect(line.timeout == 35_000)
        line.drain()
        for _ in 1...500 where fpw_peer_look(&peer, line.sender, seconds(30)) { usleep(10_000) }
        #expect(!fpw_peer_look(&peer, line.sender, seconds(31)))
        #expect(line.timeout == 25_000)
    }

    @Test("what is no TCP connection is not looked after")
    func foreign() {
        var peer = fpw_peer()
        #expect(!fpw_peer_look(&peer, -1, seconds(1)))
    }

    private func seconds(_ count: Int64) -> Int64 { count * 1_000_000_000 }
}

/// A TCP connection on loopback, guarded at its sending end.
private final class Line {
    let sender: Int32
    private let receiver: Int32

    init() {
        let sender = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        SocketAddress.loopback(port: 0).with { _ = bind(listener, $0, $1) }
        listen(listener, 1)
        SocketAddress.loopback(port: SocketAddress.port(of: listener)).with { _ = connect(sender, $0, $1) }
        receiver = accept(listener, nil, nil)
        self.sender = sender
        close(listener)
        fpw_peer_guard(sender)
    }

    deinit {
        close(sender)
        close(receiver)
    }

    var timeout: UInt32 {
        var milliseconds: UInt32 = 0
        var size = socklen_t(MemoryLayout<UInt32>.size)
        getsockopt(sender, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, &size)
        return milliseconds
    }

    /// Until the window is shut, and the kernel takes no more.
    func fill() {
        let piece = [UInt8](repeating: 0, count: 65536)
        while send(sender, piece, piece.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)) > 0 {}
    }

    /// Until all was acknowledged.
    func drain() {
        shutdown(sender, Int32(SHUT_WR))
        var piece = [UInt8](repeating: 0, count: 65536)
        while recv(receiver, &piece, piece.count, 0) > 0 {}
    }
}
